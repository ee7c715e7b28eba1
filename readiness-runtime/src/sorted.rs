//! Sorting by text, quick in code that is built without optimisation, as test targets are.
//!
//! A comparison through closures and iterators costs hundreds of instructions there, and a test
//! target sorts its trials before it does anything else, under nextest once for each of them. Here
//! nearly every comparison is one of two integers.

/// The order of the numbers below `count` by their text; those of one text keep their order.
pub(crate) fn by_text<'a>(count: usize, text: impl Fn(usize) -> &'a str) -> Vec<usize> {
    if is_sorted(count, &text) {
        return (0..count).collect();
    }
    let Ok(end) = u32::try_from(count) else {
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&a, &b| text(a).cmp(text(b)));
        return order;
    };
    // Twelve bytes of the text, then the number: the order where those bytes tell texts apart.
    let mut keys: Vec<u128> = Vec::with_capacity(count);
    for number in 0..end {
        keys.push(key(text(number as usize)) | u128::from(number));
    }
    keys.sort_unstable();
    let mut order = Vec::with_capacity(count);
    for key in &keys {
        order.push((key & u128::from(u32::MAX)) as usize);
    }
    let mut begin = 0;
    while begin < count {
        let mut end = begin + 1;
        while end < count && keys[end] >> 32 == keys[begin] >> 32 {
            end += 1;
        }
        if end - begin > 1 {
            order[begin..end].sort_by(|&a, &b| text(a).cmp(text(b)));
        }
        begin = end;
    }
    order
}

fn is_sorted<'a>(count: usize, text: &impl Fn(usize) -> &'a str) -> bool {
    let mut before = "";
    let mut at = 0;
    while at < count {
        let next = text(at);
        if next < before {
            return false;
        }
        before = next;
        at += 1;
    }
    true
}

/// The first twelve bytes of a text, above 32 bits of zeros. Two texts with different ones compare
/// like them; a text that is shorter is filled up with zeros, which compares right or equal.
fn key(text: &str) -> u128 {
    let mut bytes = [0_u8; 16];
    let known = text.len().min(12);
    bytes[..known].copy_from_slice(&text.as_bytes()[..known]);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_the_stable_order_of_texts(
            texts in prop::collection::vec("(|A-1:|ABCDEFGHIJKL|\0)[A-C\0ä]{0,3}", 0..40),
        ) {
            let mut expected: Vec<usize> = (0..texts.len()).collect();
            expected.sort_by_key(|&at| &texts[at]);
            prop_assert_eq!(by_text(texts.len(), |at| texts[at].as_str()), expected);
        }
    }
}
