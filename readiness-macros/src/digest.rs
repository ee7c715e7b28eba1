//! A fingerprint of a check, by which a recorded pass is bound to the code that gave it.
//!
//! It covers tokens, not text: formatting, comments and the position in the file do not change it,
//! and no pretty-printer, whose output differs between compilers, is involved. It is no defence
//! against someone who wants a collision; the journal and the ledger are not either.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// 128-bit FNV-1a (the offset and prime of the FNV reference) over a token stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digest(u128);

impl Digest {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    pub(crate) fn new() -> Self {
        Self(Self::OFFSET)
    }

    /// Adds every token, in order, with its kind, so that `a b` and `ab` differ.
    pub(crate) fn tokens(mut self, tokens: &TokenStream) -> Self {
        for tree in tokens.clone() {
            self = match tree {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => (b'(', b')'),
                        Delimiter::Brace => (b'{', b'}'),
                        Delimiter::Bracket => (b'[', b']'),
                        // Invisible: what a macro captured. The same code without the macro is
                        // the same check.
                        Delimiter::None => {
                            self = self.tokens(&group.stream());
                            continue;
                        }
                    };
                    self.byte(open).tokens(&group.stream()).byte(close)
                }
                TokenTree::Ident(ident) => self.part(b'i', &ident.to_string()),
                TokenTree::Punct(punct) => {
                    self.part(b'p', punct.as_char().encode_utf8(&mut [0; 4]))
                }
                TokenTree::Literal(literal) => self.part(b'l', &literal.to_string()),
            };
        }
        self
    }

    /// Adds the version of the crate: what the tokens call may be another thing in another version.
    pub(crate) fn version(self, version: &str) -> Self {
        self.part(b'v', version)
    }

    fn part(mut self, kind: u8, text: &str) -> Self {
        self = self.byte(kind);
        for byte in text.bytes() {
            self = self.byte(byte);
        }
        // A byte that UTF-8 never has ends the part.
        self.byte(0xff)
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u128::from(byte)).wrapping_mul(Self::PRIME))
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        format!("{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(source: &str) -> String {
        let tokens: TokenStream = source.parse().expect("tokens");
        Digest::new().tokens(&tokens).hex()
    }

    #[test]
    fn is_fnv_1a() {
        // The published test vectors of 128-bit FNV-1a for "" and "a".
        assert_eq!(Digest::new().hex(), "6c62272e07bb014262b821756295c58d");
        assert_eq!(
            Digest::new().byte(b'a').hex(),
            "d228cb696f1a8caf78912b704e4a8964"
        );
    }

    #[test]
    fn ignores_layout_and_comments_only() {
        let one = digest("fn a() { 1 + 2 }");
        assert_eq!(one, digest("fn a ()\n{\n    1 /* one */ + 2 // two\n}"));
        assert_ne!(one, digest("fn a() { 1 + 3 }"));
        assert_ne!(one, digest("fn b() { 1 + 2 }"));
        assert_ne!(one, digest("fn a() { (1 + 2) }"));
    }

    #[test]
    fn another_version_of_the_crate_is_another_check() {
        let tokens: TokenStream = "fn a() { helper() }".parse().expect("tokens");
        let of = |version| Digest::new().tokens(&tokens).version(version).hex();
        assert_eq!(of("1.2.0"), of("1.2.0"));
        assert_ne!(of("1.2.0"), of("1.2.1"));
    }

    #[test]
    fn keeps_neighbours_apart() {
        assert_ne!(digest("ab c"), digest("a bc"));
        assert_ne!(digest("'a'"), digest("a"));
        assert_ne!(digest("\"a\""), digest("a"));
    }
}
