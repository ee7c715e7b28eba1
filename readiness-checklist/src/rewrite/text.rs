//! The text of an edit: a few bytes, kept where the edit is.

use std::fmt;
use std::ops::Deref;

/// As many bytes fit beside their length in the room of two pointers. Statuses do.
const SHORT: usize = 14;

/// What an edit puts in the document. Reads like the slice of bytes that it is.
#[derive(Clone)]
pub struct EditText(Repr);

#[derive(Clone)]
enum Repr {
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    /// Behind two pointers, because a fat one would make the short ones larger.
    Long(Box<Box<[u8]>>),
}

impl From<&[u8]> for EditText {
    fn from(text: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text);
                Self(Repr::Short { length, bytes })
            }
            _ => Self(Repr::Long(Box::new(text.into()))),
        }
    }
}

impl Deref for EditText {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Short { length, bytes } => &bytes[..usize::from(*length)],
            Repr::Long(bytes) => bytes,
        }
    }
}

impl PartialEq for EditText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for EditText {}

impl PartialEq<[u8]> for EditText {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for EditText {
    fn eq(&self, other: &&[u8; N]) -> bool {
        **self == other[..]
    }
}

impl fmt::Debug for EditText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_or_long_it_is_the_same_text() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 300] {
            let text = vec![b'a'; length];
            let kept = EditText::from(text.as_slice());
            assert_eq!(*kept, *text);
            assert_eq!(kept, kept.clone());
        }
        assert_eq!(size_of::<EditText>(), size_of::<&[u8]>());
    }
}
