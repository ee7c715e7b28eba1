//! The generated data set: 1,260 rows, the same for the same start time.
//!
//! It holds what a check must cope with: 40 rows younger than 24 hours and 40 between 24 and 48,
//! one of them exactly 24 hours old; 12 chains; equal amounts and one of zero; protocols that
//! share a part in different case; absent optional fields; and one transaction with 16 digits in
//! a row that are no card number (they fail the Luhn test), as a control for redaction.

use std::time::Duration;

use jiff::Timestamp;

use super::Exploit;

const RECENT: u64 = 40;
const YESTERDAY: u64 = 40;
const OLDER: u64 = 1_180;

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// How a chain writes its transactions.
#[derive(Clone, Copy)]
enum Notation {
    /// `0x` and 64 hexadecimal digits.
    Prefixed,
    /// 64 hexadecimal digits.
    Hex,
    /// 88 characters of base 58.
    Base58,
}

/// The chains, with a weight each: how many of the 20 lots a chain has.
const CHAINS: [(&str, Notation, u64); 12] = [
    ("Ethereum", Notation::Prefixed, 4),
    ("BSC", Notation::Prefixed, 3),
    ("Polygon", Notation::Prefixed, 2),
    ("Arbitrum", Notation::Prefixed, 2),
    ("Optimism", Notation::Prefixed, 1),
    ("Avalanche", Notation::Prefixed, 1),
    ("Base", Notation::Prefixed, 2),
    ("Fantom", Notation::Prefixed, 1),
    ("zkSync", Notation::Prefixed, 1),
    ("Solana", Notation::Base58, 1),
    ("Tron", Notation::Hex, 1),
    ("Bitcoin", Notation::Hex, 1),
];

/// Several share a part, in different case: `Curve`, `curve-fork`, `MetaCURVE`, `CurveLend`.
const PROTOCOLS: [&str; 16] = [
    "Curve",
    "curve-fork",
    "MetaCURVE",
    "CurveLend",
    "Harbor Swap",
    "harborbridge",
    "Lumen Vault",
    "Northwind",
    "Pancreas Finance",
    "Quill",
    "Raft Lending",
    "Stonebridge",
    "Tidal",
    "Umbra Pool",
    "Vesper Gate",
    "Willow",
];

/// The reporters, and whether each is being read at present.
pub(crate) const SOURCES: [(&str, bool); 8] = [
    ("chain-watch", true),
    ("incident-feed", true),
    ("audit-digest", true),
    ("exchange-desk", true),
    ("forensics-lab", true),
    ("community-reports", true),
    ("insurer-notices", true),
    ("archive-2019", false),
];

const CATEGORIES: [&str; 6] = [
    "reentrancy",
    "oracle manipulation",
    "key compromise",
    "bridge",
    "governance",
    "rug pull",
];

const RECOVERY: [&str; 4] = ["none", "partial", "full", "frozen"];

/// The control is the row after this many of the chains that write `0x`: old enough for every
/// tier to see it.
const CONTROL: usize = 80;

/// Digits that look like a card number and fail the Luhn test.
const NOT_A_CARD: &str = "4242424242424241";

/// The data set, newest first.
pub(crate) fn generate(start: Timestamp) -> Vec<Exploit> {
    // Whole seconds are what people and databases write.
    let start = Timestamp::from_second(start.as_second()).unwrap_or(start);
    let mut random = Random::new(0x5EED_2025_1014);
    let mut rows: Vec<Exploit> = ages()
        .enumerate()
        .map(|(rank, age)| exploit(rank, age, start, &mut random))
        .collect();
    let mut control = rows.iter_mut().filter(|row| row.tx_hash.starts_with("0x"));
    if let Some(row) = control.nth(CONTROL) {
        row.tx_hash.replace_range(10..26, NOT_A_CARD);
    }
    rows
}

/// Seconds before the start, rising.
fn ages() -> impl Iterator<Item = u64> {
    let recent = (0..RECENT).map(|i| HOUR / 2 + i * (DAY - HOUR) / RECENT);
    // The first of yesterday's rows is exactly a day old.
    let yesterday = (0..YESTERDAY).map(|i| DAY + i * DAY / YESTERDAY);
    let older = (1..=OLDER).map(|i| 2 * DAY + i * 11 * HOUR);
    recent.chain(yesterday).chain(older)
}

fn exploit(rank: usize, age: u64, start: Timestamp, random: &mut Random) -> Exploit {
    let (chain, notation) = random.chain();
    let protocol = *random.pick(&PROTOCOLS);
    let source = random.pick(&SOURCES).0;
    let amount_usd = amount(rank, random);
    let category = *random.pick(&CATEGORIES);
    let tx_hash = random.transaction(notation);
    Exploit {
        source_url: (rank % 5 != 3).then(|| format!("https://{source}.example/reports/{rank}")),
        category: (rank % 7 != 2).then(|| category.to_owned()),
        description: (rank % 4 != 1).then(|| format!("{protocol} lost funds to {category}")),
        recovery_status: (!rank.is_multiple_of(3)).then(|| (*random.pick(&RECOVERY)).to_owned()),
        timestamp: start
            .checked_sub(Duration::from_secs(age))
            .unwrap_or(Timestamp::MIN),
        tx_hash,
        chain: chain.to_owned(),
        protocol: protocol.to_owned(),
        amount_usd,
        source: source.to_owned(),
    }
}

/// A loss between 1,000 and 9,999,999.99 dollars; every eighth is the same, one is zero.
fn amount(rank: usize, random: &mut Random) -> f64 {
    let cents = 100_000 + random.below(999_899_999);
    match rank {
        90 => 0.0,
        _ if rank.is_multiple_of(8) => 250_000.0,
        _ => {
            let cents = u32::try_from(cents).unwrap_or(u32::MAX);
            f64::from(cents) / 100.0
        }
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): a few lines, and the same rows on every machine.
struct Random {
    state: u64,
}

impl Random {
    fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len() as u64);
        &from[usize::try_from(index).unwrap_or(0)]
    }

    fn chain(&mut self) -> (&'static str, Notation) {
        let lots: u64 = CHAINS.iter().map(|(.., weight)| weight).sum();
        let mut lot = self.below(lots);
        for (name, notation, weight) in CHAINS {
            if lot < weight {
                return (name, notation);
            }
            lot -= weight;
        }
        (CHAINS[0].0, CHAINS[0].1)
    }

    fn transaction(&mut self, notation: Notation) -> String {
        const HEX: &[u8] = b"0123456789abcdef";
        const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        let (prefix, alphabet, length) = match notation {
            Notation::Prefixed => ("0x", HEX, 64),
            Notation::Hex => ("", HEX, 64),
            Notation::Base58 => ("", BASE58, 88),
        };
        let mut text = String::from(prefix);
        let mut digits = 0;
        for _ in 0..length {
            let mut c = char::from(*self.pick(alphabet));
            // No more than 9 digits in a row: otherwise some hashes would pass for card or
            // account numbers, and a redactor would be right to hide them.
            digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
            if digits > 9 {
                (c, digits) = ('a', 0);
            }
            text.push(c);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn start() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn age(row: &Exploit) -> u64 {
        u64::try_from(start().duration_since(row.timestamp).as_secs()).unwrap()
    }

    #[test]
    fn the_rows_have_the_promised_ages() {
        let rows = generate(start());
        assert_eq!(rows.len(), 1_260);
        assert_eq!(rows.iter().filter(|row| age(row) < DAY).count(), 40);
        assert_eq!(
            rows.iter()
                .filter(|row| (DAY..2 * DAY).contains(&age(row)))
                .count(),
            40
        );
        assert_eq!(rows.iter().filter(|row| age(row) == DAY).count(), 1);
        assert!(
            rows.iter().all(|row| age(row) > 0),
            "none is from the future"
        );
        assert!(
            rows.is_sorted_by(|a, b| a.timestamp > b.timestamp),
            "newest first, no ties"
        );
    }

    #[test]
    fn the_rows_have_the_promised_variety() {
        let rows = generate(start());
        let distinct = |field: fn(&Exploit) -> String| -> usize {
            rows.iter().map(field).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(|row| row.tx_hash.clone()), 1_260);
        assert_eq!(distinct(|row| row.chain.clone()), 12);
        assert_eq!(distinct(|row| row.protocol.clone()), 16);
        assert!(distinct(|row| row.amount_usd.to_string()) > 1_000);
        assert!(
            rows.iter()
                .filter(|row| (row.amount_usd - 250_000.0).abs() < 0.001)
                .count()
                > 100
        );
        assert_eq!(rows.iter().filter(|row| row.amount_usd < 0.001).count(), 1);
        assert!(rows.iter().any(|row| row.source_url.is_none()));
        assert!(rows.iter().any(|row| row.category.is_none()));
        assert!(rows.iter().any(|row| row.description.is_none()));
        assert!(rows.iter().any(|row| row.recovery_status.is_none()));
    }

    #[test]
    fn only_the_control_has_a_long_run_of_digits() {
        let rows = generate(start());
        let long = |row: &&Exploit| {
            row.tx_hash
                .split(|c: char| !c.is_ascii_digit())
                .any(|run| run.len() >= 13)
        };
        let found: Vec<_> = rows.iter().filter(long).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].tx_hash.contains(NOT_A_CARD));
        assert_eq!(found[0].tx_hash.len(), 66);
        assert!(!luhn(NOT_A_CARD), "the control must not be a card number");
        assert!(luhn("4242424242424242"), "and the test must know one");
    }

    fn luhn(digits: &str) -> bool {
        let sum: u32 = digits
            .chars()
            .rev()
            .enumerate()
            .map(|(i, c)| {
                let d = c.to_digit(10).unwrap() * if i % 2 == 1 { 2 } else { 1 };
                d / 10 + d % 10
            })
            .sum();
        sum.is_multiple_of(10)
    }

    #[test]
    fn the_same_start_gives_the_same_rows() {
        assert_eq!(generate(start()), generate(start()));
    }
}
