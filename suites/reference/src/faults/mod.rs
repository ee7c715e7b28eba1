//! The fault switches: every defect that the service can show on request.
//!
//! A fault is named `<REQUIREMENT-ID>/<variant>` and alters one behaviour. The table is in
//! [`table`]; a [`FaultSet`] is the switchboard of one service. Most faults are carried by the
//! service itself. Those with another [`Carrier`] are listed all the same, so that every
//! requirement of the catalogue is known to have one, but switching them on changes nothing
//! here: they belong to the fixtures of a suite.

mod nearest;
mod table;

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Product;

pub use nearest::UnknownFault;
pub use table::Fault;

/// Who shows a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Carrier {
    /// The reference service.
    Service,
    /// The environment the service was deployed with, see `RefHandle::environment`.
    Env,
    /// Settings or schema of a `PostgreSQL` server.
    Postgres,
    /// Settings of a Redis server.
    Redis,
    /// A file: backup, document, manifest, load summary.
    Fixture,
    /// Prometheus, Alertmanager, Grafana or a log aggregator.
    Monitoring,
    /// An attestation's entry.
    Attestation,
}

impl Carrier {
    /// Whether the service or its environment changes when the fault is switched on.
    pub fn is_embedded(self) -> bool {
        matches!(self, Carrier::Service | Carrier::Env)
    }
}

/// What a sound check reports for the fault's requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// The requirement fails.
    Fail,
    /// The requirement is met in substance, with a warning.
    Warn,
    /// The check cannot tell.
    NotVerified,
}

impl Fault {
    /// The requirement that this fault violates, such as `HDR-001`.
    pub fn requirement(self) -> &'static str {
        self.id().split_once('/').map_or(self.id(), |(id, _)| id)
    }

    /// The variant, such as `missing-on-errors`.
    pub fn variant(self) -> &'static str {
        self.id().split_once('/').map_or("", |(_, variant)| variant)
    }

    /// The product whose checklist has the requirement.
    pub fn product(self) -> Product {
        match self.id().split_once('-') {
            Some(("CAIO", _)) => Product::Caio,
            _ => Product::Kamiyo,
        }
    }

    /// The faults of one requirement, in the order of the table.
    pub fn of(requirement: &str) -> impl Iterator<Item = Fault> {
        Fault::all()
            .iter()
            .copied()
            .filter(move |fault| fault.requirement() == requirement)
    }

    /// The fault of this name.
    ///
    /// # Errors
    /// [`UnknownFault`], which names the nearest ones.
    pub fn parse(id: &str) -> Result<Fault, UnknownFault> {
        Fault::all()
            .iter()
            .copied()
            .find(|fault| fault.id() == id)
            .ok_or_else(|| UnknownFault::new(id))
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(id: &str) -> Result<Fault, UnknownFault> {
        Fault::parse(id)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One bit a fault; the const assertion below keeps the table within it.
const WORDS: usize = 10;
const _: () = assert!(Fault::COUNT <= WORDS * 64);

/// The switchboard of one service: which faults are on. Reading costs one atomic load.
#[derive(Debug, Default)]
pub struct FaultSet {
    words: [AtomicU64; WORDS],
}

impl FaultSet {
    /// A switchboard with these faults on.
    pub fn new(faults: impl IntoIterator<Item = Fault>) -> FaultSet {
        let set = FaultSet::default();
        for fault in faults {
            set.set(fault, true);
        }
        set
    }

    /// Whether a fault is on.
    pub fn on(&self, fault: Fault) -> bool {
        let index = fault as usize;
        self.words[index / 64].load(Ordering::Relaxed) & (1 << (index % 64)) != 0
    }

    /// Switches a fault on or off.
    pub fn set(&self, fault: Fault, on: bool) {
        let index = fault as usize;
        let bit = 1 << (index % 64);
        if on {
            self.words[index / 64].fetch_or(bit, Ordering::Relaxed);
        } else {
            self.words[index / 64].fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// The faults that are on, in the order of the table.
    pub fn active(&self) -> Vec<Fault> {
        let all = Fault::all().iter().copied();
        all.filter(|&fault| self.on(fault)).collect()
    }

    /// The first fault of the list that is on, with what it stands for.
    pub(crate) fn first<T: Copy>(&self, choices: &[(Fault, T)]) -> Option<T> {
        choices
            .iter()
            .find_map(|&(fault, value)| self.on(fault).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for fault in Fault::all() {
            assert!(seen.insert(fault.id()), "{fault} is listed twice");
            let id = fault.requirement();
            assert!(
                id.split('-').count() >= 2
                    && id
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'),
                "{fault}: not a requirement id"
            );
            assert!(
                !fault.variant().is_empty()
                    && fault
                        .variant()
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{fault}: the variant is not kebab-case"
            );
            assert!(!fault.description().is_empty());
        }
    }

    #[test]
    fn a_set_switches_one_fault_and_no_other() {
        let set = FaultSet::default();
        for &fault in Fault::all() {
            set.set(fault, true);
            assert_eq!(set.active(), [fault]);
            set.set(fault, false);
        }
        assert!(set.active().is_empty());
    }

    #[test]
    fn a_typo_gets_the_nearest_fault() {
        let error = Fault::parse("HDR-001/mising").unwrap_err();
        assert_eq!(
            error.nearest().first().map(|f| f.id()),
            Some("HDR-001/missing")
        );
        assert!(error.to_string().contains("HDR-001/missing"));
        let wrong_case = Fault::parse("hdr-001/MISSING").unwrap_err();
        assert_eq!(
            wrong_case.nearest().first().map(|f| f.id()),
            Some("HDR-001/missing")
        );
        assert!(Fault::parse("").unwrap_err().nearest().len() <= 3);
    }
}
