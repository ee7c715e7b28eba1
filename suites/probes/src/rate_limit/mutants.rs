//! How a burst can be altered: the mutation operators of the kind `burst`.
//!
//! | facet | operators |
//! |---|---|
//! | the count | one fewer, one more |
//! | whether any was refused | none |
//! | the order | one more at the end |
//! | a facet of the allowed, refused, forged or later replies | the reply's own operators, on the last of them and on all |
//! | elapsed | ×10 |
//! | everything (gross) | server errors, connection error |

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use readiness::observation::{Altered, Facet, Mutant, Observation, Reads};

use super::burst::{ANY_REFUSED, Burst, COUNT, ELAPSED, ORDER, is_success};
use crate::http::{HttpReply, Scope};

impl Observation for Burst {
    const KIND: &'static str = "burst";

    fn attach(&mut self, reads: Reads) {
        self.attach_reads(&reads);
    }

    fn same(&self, other: &Self) -> bool {
        let same = |(a, b): (&HttpReply, &HttpReply)| a.same(b);
        self.shots.len() == other.shots.len()
            && self.after.len() == other.after.len()
            && self.forged.is_some() == other.forged.is_some()
            && self.elapsed_us == other.elapsed_us
            && (Arc::ptr_eq(&self.shots, &other.shots)
                || self.shots.iter().zip(&*other.shots).all(same))
            && self.after.iter().zip(&other.after).all(same)
            && self.forged.iter().zip(&other.forged).all(same)
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let mut mutants = Vec::new();
        for facet in [COUNT, ANY_REFUSED, ORDER] {
            if read.contains(&Facet(facet.to_owned())) {
                mutants.extend(self.row_mutants(facet));
            }
        }
        for scope in [Scope::Allowed, Scope::Refused, Scope::Forged, Scope::After] {
            let facets = within(read, scope);
            if !facets.is_empty() {
                mutants.extend(self.reply_mutants(scope, &facets));
            }
        }
        if read.contains(&Facet(ELAPSED.to_owned())) {
            let slow = Burst {
                elapsed_us: self.elapsed_us.max(1).saturating_mul(10),
                ..self.clone()
            };
            mutants.push(fine(
                "elapsed-x10",
                ELAPSED,
                "it takes ten times as long",
                slow,
            ));
        }
        mutants.extend(Self::gross_mutants());
        mutants
    }
}

/// The facets of one scope, without it.
fn within(read: &BTreeSet<Facet>, scope: Scope) -> BTreeSet<Facet> {
    read.iter()
        .filter_map(|Facet(facet)| facet.strip_prefix(scope.prefix()))
        .map(|facet| Facet(facet.to_owned()))
        .collect()
}

fn fine(
    operator: &'static str,
    facet: &str,
    words: &str,
    altered: impl Into<Altered<Burst>>,
) -> Mutant<Burst> {
    Mutant::fine(operator, Facet(facet.to_owned()), words, altered)
}

/// The alterations of each reply of a scope.
type OfEach = Vec<Vec<Mutant<HttpReply>>>;

impl Burst {
    /// What was let through, altered.
    fn row_mutants(&self, facet: &str) -> Vec<Mutant<Burst>> {
        let last_allowed = self.shots.iter().rposition(is_success);
        let first_refused = self.shots.iter().position(|shot| !is_success(shot));
        let last_refused = self.shots.iter().rposition(|shot| !is_success(shot));
        let (Some(allowed), Some(first), Some(last)) = (last_allowed, first_refused, last_refused)
        else {
            return Vec::new();
        };
        let with =
            |changes: Vec<(usize, usize)>| Altered::made(move |burst: &Burst| burst.with(&changes));
        let all: Vec<_> = (0..self.shots.len())
            .filter(|at| !is_success(&self.shots[*at]))
            .map(|at| (at, allowed))
            .collect();
        match facet {
            COUNT => vec![
                fine(
                    "one-fewer",
                    COUNT,
                    "one request fewer is allowed",
                    with(vec![(allowed, first)]),
                ),
                fine(
                    "one-more",
                    COUNT,
                    "one request more is allowed",
                    with(vec![(first, allowed)]),
                ),
            ],
            ORDER if last > first => vec![fine(
                "one-more-late",
                ORDER,
                "one request is allowed after others were refused",
                with(vec![(last, allowed)]),
            )],
            ANY_REFUSED => vec![fine(
                "none-refused",
                ANY_REFUSED,
                "nothing is refused",
                with(all),
            )],
            _ => Vec::new(),
        }
    }

    /// The replies of a scope.
    fn members(&self, scope: Scope) -> Vec<&HttpReply> {
        match scope {
            Scope::Forged => self.forged.iter().collect(),
            Scope::After => self.after.iter().collect(),
            _ => {
                let allowed = scope == Scope::Allowed;
                self.shots
                    .iter()
                    .filter(|shot| is_success(shot) == allowed)
                    .collect()
            }
        }
    }

    fn members_mut(&mut self, scope: Scope) -> Vec<&mut HttpReply> {
        match scope {
            Scope::Forged => self.forged.iter_mut().collect(),
            Scope::After => self.after.iter_mut().collect(),
            _ => {
                let allowed = scope == Scope::Allowed;
                Arc::make_mut(&mut self.shots)
                    .iter_mut()
                    .filter(|shot| is_success(shot) == allowed)
                    .collect()
            }
        }
    }

    /// With replies put in the places of others.
    fn with(&self, changes: &[(usize, usize)]) -> Burst {
        let mut altered = self.clone();
        let shots = Arc::make_mut(&mut altered.shots);
        for (to, from) in changes {
            shots[*to] = self.shots[*from].clone();
        }
        altered
    }

    /// Each operator of the last reply of a scope, on it alone and on all of its kind.
    fn reply_mutants(&self, scope: Scope, facets: &BTreeSet<Facet>) -> Vec<Mutant<Burst>> {
        let members = self.members(scope);
        let Some(last) = members.last() else {
            return Vec::new();
        };
        // Of a thousand replies these are many: made once, and only if one of them is tried.
        let of_each: Arc<OnceLock<OfEach>> = Arc::default();
        let mut mutants = Vec::new();
        for mutant in last.fine_mutants(facets) {
            let (operator, own) = (mutant.operator, mutant.facet.clone());
            let facet = format!("{}{own}", scope.prefix());
            let in_every = format!("in every {}reply {}", scope.prefix(), mutant.words);
            let in_last = format!("in the last {}reply {}", scope.prefix(), mutant.words);
            let one = Altered::made(move |burst: &Burst| burst.with_last(scope, &mutant));
            mutants.push(fine(operator, &facet, &in_last, one));
            if members.len() > 1 {
                let (of_each, facets) = (Arc::clone(&of_each), facets.clone());
                let all = Altered::made(move |burst: &Burst| {
                    let of_each = of_each.get_or_init(|| burst.of_each(scope, &facets));
                    burst.with_every(scope, of_each, |mutant| {
                        mutant.operator == operator && mutant.facet == own
                    })
                });
                mutants.push(fine(operator, &facet, &in_every, all));
            }
        }
        mutants
    }

    fn of_each(&self, scope: Scope, facets: &BTreeSet<Facet>) -> OfEach {
        let members = self.members(scope).into_iter();
        members.map(|reply| reply.fine_mutants(facets)).collect()
    }

    /// With the last reply of a scope altered.
    fn with_last(&self, scope: Scope, mutant: &Mutant<HttpReply>) -> Burst {
        let mut altered = self.clone();
        if let Some(reply) = altered.members_mut(scope).into_iter().next_back()
            && let Some(other) = mutant.clone().apply(reply)
        {
            *reply = other;
        }
        altered
    }

    /// With every reply of a scope altered by its own alteration that is meant.
    fn with_every(
        &self,
        scope: Scope,
        of_each: &OfEach,
        is_meant: impl Fn(&Mutant<HttpReply>) -> bool,
    ) -> Burst {
        let mut altered = self.clone();
        for (reply, own) in altered.members_mut(scope).into_iter().zip(of_each) {
            let meant = own.iter().find(|mutant| is_meant(mutant));
            if let Some(other) = meant.and_then(|mutant| mutant.clone().apply(reply)) {
                *reply = other;
            }
        }
        altered
    }

    fn gross_mutants() -> Vec<Mutant<Burst>> {
        let broken = Altered::made(|burst: &Burst| {
            let mut broken = burst.clone();
            for shot in Arc::make_mut(&mut broken.shots) {
                *shot = shot.with_raw_status(500);
            }
            broken
        });
        vec![
            Mutant::gross("server-error", "the server answers with 500", broken),
            Mutant::gross(
                "connection-error",
                "the connection breaks",
                Altered::Failure,
            ),
        ]
    }
}
