//! How a role's signature stands today.

/// A role and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The role.
    pub role: String,
    /// The box in the document, by its text; none for a role that only the configuration names.
    pub text: Option<String>,
    /// Line of the box, 1-based.
    pub line: Option<usize>,
    /// Whether the box is ticked in the document as it was read.
    pub ticked: bool,
    /// What is on file for it.
    pub standing: Standing,
}

/// What is on file for a role, and what it is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is on file.
    Unsigned,
    /// A signature by an allowed signer, for exactly what the files say now.
    Holds {
        /// Who signed.
        signer: String,
        /// When, as they say, in RFC 3339.
        at: String,
        /// The key, as its fingerprint.
        key: String,
    },
    /// A signature by an allowed signer, for something else than the files say now.
    Changed {
        /// Who signed.
        signer: String,
        /// When, as they say, in RFC 3339.
        at: String,
        /// What changed since, fact by fact; never empty.
        changes: Vec<String>,
    },
    /// What is on file is not what it has to be.
    Refused {
        /// Why.
        why: String,
    },
}

impl SignOff {
    /// Whether it is signed for what the files say now.
    pub fn holds(&self) -> bool {
        matches!(self.standing, Standing::Holds { .. })
    }

    /// Whether the box is to be ticked; none where it is left as it stands, because nothing is on
    /// file for it.
    pub fn tick(&self) -> Option<bool> {
        match self.standing {
            Standing::Unsigned => None,
            Standing::Holds { .. } => Some(true),
            Standing::Changed { .. } | Standing::Refused { .. } => Some(false),
        }
    }

    /// Whether a person ticked the box and nothing is on file for it.
    pub fn is_claimed(&self) -> bool {
        self.ticked && self.standing == Standing::Unsigned
    }
}
