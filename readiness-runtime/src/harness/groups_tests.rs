use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use super::*;

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn exclusive_excludes_and_shared_shares() {
    let groups = Groups::new(None);
    let inside = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let wanted = wanted(Some("database"), None);
                    let _held = groups.enter("t", &wanted, LONG).unwrap();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(most.load(Ordering::SeqCst), 1);

    // Two readers are inside at once: each waits for the other before it leaves.
    let both = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let _held = groups
                    .enter("t", &wanted(None, Some("database")), LONG)
                    .unwrap();
                both.wait();
            });
        }
    });
}

#[test]
fn readers_do_not_overtake_a_waiting_writer() {
    let groups = Groups::new(None);
    let reader = groups.enter("r1", &wanted(None, Some("g")), LONG).unwrap();
    let (order, entered) = channel();
    let (writer_order, reader_order) = (order.clone(), order);
    std::thread::scope(|scope| {
        let queue = |len: usize| {
            while groups.lock()["g"].queue.len() < len {
                std::thread::yield_now();
            }
        };
        scope.spawn(|| {
            let _held = groups.enter("w", &wanted(Some("g"), None), LONG).unwrap();
            writer_order.send("writer").unwrap();
        });
        queue(1);
        scope.spawn(|| {
            let _held = groups.enter("r2", &wanted(None, Some("g")), LONG).unwrap();
            reader_order.send("reader").unwrap();
        });
        queue(2);
        drop(reader);
    });
    assert_eq!(
        entered.iter().take(2).collect::<Vec<_>>(),
        ["writer", "reader"]
    );
}

#[test]
fn wanted_is_sorted_and_exclusive_wins() {
    let e = Mode::Exclusive;
    assert_eq!(
        wanted(Some("z"), Some("a")),
        [("a", Mode::Shared), ("z", e)]
    );
    assert_eq!(wanted(Some("a"), Some("a")), [("a", e)]);
    assert_eq!(wanted(None, None), []);
}

#[test]
fn an_abandoned_group_refuses_and_recovers() {
    let groups = Groups::new(None);
    let want = wanted(Some("g"), None);
    let held = groups.enter("A-1::slow", &want, LONG).unwrap();
    held.abandon("A-1::slow");
    let refused = groups
        .enter("B-2::next", &want, Duration::ZERO)
        .unwrap_err();
    assert!(
        refused.contains("`g`") && refused.contains("A-1::slow"),
        "{refused}"
    );
    drop(held);
    groups.enter("B-2::next", &want, Duration::ZERO).unwrap();
}

#[test]
fn lock_files_hold_between_open_files_and_are_released() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("groups");
    // Two `Groups` stand for two processes: a file lock belongs to an open file.
    let (one, two) = (
        Groups::new(Some(folder.clone())),
        Groups::new(Some(folder.clone())),
    );
    let want = wanted(Some("db"), None);
    let held = one.enter("a", &want, LONG).unwrap();
    let probe = File::open(folder.join("db.lock")).unwrap();
    assert!(probe.try_lock_shared().is_err());
    drop(probe);
    let (sender, entered) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let held = two.enter("b", &want, LONG).unwrap();
            sender.send(()).unwrap();
            drop(held);
        });
        assert!(entered.try_recv().is_err());
        drop(held);
        entered.recv().unwrap();
    });
}

#[test]
fn file_names_are_harmless_and_distinct() {
    assert_eq!(file_name("database"), "database.lock");
    let odd = ["../x", "x", "X", "a/b", "a.b", ""].map(file_name);
    for (at, name) in odd.iter().enumerate() {
        assert!(!name.contains('/') && !name.starts_with(".."), "{name}");
        assert!(!odd[..at].contains(name), "{name}");
    }
}
