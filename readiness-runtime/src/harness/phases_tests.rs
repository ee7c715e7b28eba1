use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use super::*;

#[test]
fn phases_follow_each_other() {
    let order = [
        Phase::Load,
        Phase::Probe,
        Phase::Write,
        Phase::Probe,
        Phase::Burst,
    ];
    let phases = Phases::new(None, order.into_iter());
    let (sender, entered) = channel();
    std::thread::scope(|scope| {
        for phase in order {
            let sender = sender.clone();
            let phases = &phases;
            scope.spawn(move || {
                let _inside = phases.enter("t", phase);
                sender.send(phase).unwrap();
            });
        }
    });
    let mut sorted = order;
    sorted.sort();
    assert_eq!(entered.iter().take(order.len()).collect::<Vec<_>>(), sorted);
}

#[test]
fn trials_of_one_phase_run_together() {
    let phases = Phases::new(None, [Phase::Burst; 3].into_iter());
    let all = std::sync::Barrier::new(3);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let _inside = phases.enter("t", Phase::Burst);
                all.wait();
            });
        }
    });
}

#[test]
fn what_runs_aside_holds_up_the_load_alone() {
    let order = [Phase::Aside, Phase::Burst, Phase::Load];
    let phases = Phases::new(None, order.into_iter());
    let aside = phases.enter("aside", Phase::Aside);
    drop(phases.enter("burst", Phase::Burst));
    let (sender, entered) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _load = phases.enter("load", Phase::Load);
            sender.send(()).unwrap();
        });
        assert!(entered.try_recv().is_err());
        drop(aside);
        entered.recv().unwrap();
    });
}

#[test]
fn a_burst_has_the_target_to_its_process() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Some(dir.path().to_owned());
    let one = Phases::new(folder.clone(), [Phase::Burst].into_iter());
    let two = Phases::new(folder, [Phase::Probe].into_iter());
    let burst = one.enter("burst", Phase::Burst);
    let (sender, entered) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _probe = two.enter("probe", Phase::Probe);
            sender.send(()).unwrap();
        });
        assert!(entered.try_recv().is_err());
        drop(burst);
        entered.recv().unwrap();
    });
}

#[test]
fn slots_bound_what_runs() {
    let slots = Slots::new(2);
    let inside = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let _slot = slots.take();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 2);
}
