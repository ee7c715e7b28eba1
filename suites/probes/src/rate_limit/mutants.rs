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

use readiness::observation::{Facet, Mutant, Observation, Reads, Strength};

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
            && self.shots.iter().zip(&other.shots).all(same)
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
        mutants.extend(self.gross_mutants());
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

fn fine(operator: &'static str, facet: &str, words: &str, altered: Burst) -> Mutant<Burst> {
    Mutant {
        operator,
        facet: Facet(facet.to_owned()),
        words: words.to_owned(),
        strength: Strength::Fine,
        altered: Some(altered),
    }
}

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
        let with = |changes: &[(usize, usize)]| {
            let mut altered = self.clone();
            for (to, from) in changes {
                altered.shots[*to] = self.shots[*from].clone();
            }
            altered
        };
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
                    with(&[(allowed, first)]),
                ),
                fine(
                    "one-more",
                    COUNT,
                    "one request more is allowed",
                    with(&[(first, allowed)]),
                ),
            ],
            ORDER if last > first => vec![fine(
                "one-more-late",
                ORDER,
                "one request is allowed after others were refused",
                with(&[(last, allowed)]),
            )],
            ANY_REFUSED => vec![fine(
                "none-refused",
                ANY_REFUSED,
                "nothing is refused",
                with(&all),
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
                self.shots
                    .iter_mut()
                    .filter(|shot| is_success(shot) == allowed)
                    .collect()
            }
        }
    }

    /// Each operator of the last reply of a scope, on it alone and on all of its kind.
    fn reply_mutants(&self, scope: Scope, facets: &BTreeSet<Facet>) -> Vec<Mutant<Burst>> {
        let members = self.members(scope);
        let Some(last) = members.last() else {
            return Vec::new();
        };
        let of_each: Vec<_> = members
            .iter()
            .map(|reply| reply.fine_mutants(facets))
            .collect();
        let mut mutants = Vec::new();
        for mutant in last.fine_mutants(facets) {
            let Some(altered) = &mutant.altered else {
                continue;
            };
            let facet = format!("{}{}", scope.prefix(), mutant.facet);
            let mut one = self.clone();
            if let Some(reply) = one.members_mut(scope).into_iter().last() {
                *reply = altered.clone();
            }
            let words = format!("in the last {}reply {}", scope.prefix(), mutant.words);
            mutants.push(fine(mutant.operator, &facet, &words, one));
            if members.len() == 1 {
                continue;
            }
            let mut all = self.clone();
            for (reply, own) in all.members_mut(scope).into_iter().zip(&of_each) {
                let same = own
                    .iter()
                    .find(|other| other.operator == mutant.operator && other.facet == mutant.facet);
                if let Some(altered) = same.and_then(|other| other.altered.clone()) {
                    *reply = altered;
                }
            }
            let words = format!("in every {}reply {}", scope.prefix(), mutant.words);
            mutants.push(fine(mutant.operator, &facet, &words, all));
        }
        mutants
    }

    fn gross_mutants(&self) -> Vec<Mutant<Burst>> {
        let gross = |operator, words: &str, altered| Mutant {
            operator,
            facet: Facet("everything".to_owned()),
            words: words.to_owned(),
            strength: Strength::Gross,
            altered,
        };
        let mut broken = self.clone();
        for shot in &mut broken.shots {
            *shot = shot.with_raw_status(500);
        }
        vec![
            gross("server-error", "the server answers with 500", Some(broken)),
            gross("connection-error", "the connection breaks", None),
        ]
    }
}
