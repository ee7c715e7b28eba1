//! PCI: what customers must never find in our log is not in it, even when they send it themselves.
//!
//! Every row sends its own published test values through the query, the path, the User-Agent and a
//! broken body, and then looks for them in the records of those requests.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::logs::canary::{self, Canaries, Canary};
use readiness_probes::{about, worst};

use crate::provoked::provoke;
use crate::shared::WEBHOOKS;
use crate::target::Target;

const CARD: &str = "[CARD_REDACTED]";
const CVV: &str = "[CVV_REDACTED]";

/// Four brands, 13 to 19 digits, in three forms: the numbers that payment providers publish for
/// tests. Cards of 13 and 19 digits are rare, so that missing only them is a warning.
#[requirement("PCI-001")]
async fn card_numbers(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let common = [
        "4242424242424242",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "5555555555554444",
        "378282246310005",
        "6011111111111117",
    ];
    let rare = ["4222222222222", "6304000000000000000"];
    let mut values: Vec<_> = common
        .iter()
        .map(|number| Canary::plain(number, CARD))
        .collect();
    values.extend(
        rare.iter()
            .map(|number| Canary::plain(number, CARD).lenient()),
    );
    redaction(
        &cx,
        &target,
        Canaries {
            class: "card number",
            values,
            // One digit off: fails the Luhn test. And a transaction with such digits inside.
            controls: vec!["4242424242424241", "0x12ab4242424242424241cdef"],
        },
    )
    .await
}

#[requirement("PCI-002")]
async fn security_codes(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    redaction(
        &cx,
        &target,
        Canaries {
            class: "security code",
            values: vec![
                Canary::with_keyword("cvv=", "123", CVV),
                Canary::with_keyword("cvv=", "1234", CVV),
                Canary::with_keyword("security_code: ", "123", CVV),
                Canary::with_keyword("\"cvc\":\"", "1234", CVV),
            ],
            controls: vec!["count=123"],
        },
    )
    .await
}

#[requirement("PCI-003")]
async fn stripe_ids(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    redaction(
        &cx,
        &target,
        Canaries {
            class: "Stripe id",
            values: vec![
                Canary::plain(&stripe("cus"), "[STRIPE_CUSTOMER_REDACTED]"),
                Canary::plain(&stripe("pm"), "[STRIPE_PAYMENT_METHOD_REDACTED]"),
                Canary::plain(&stripe("pi"), "[STRIPE_PAYMENT_INTENT_REDACTED]"),
            ],
            controls: vec!["customer=12"],
        },
    )
    .await
}

/// Keys of others, and the ones that this run itself sends.
#[requirement("PCI-004")]
async fn keys_and_tokens(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let canaries = Canaries {
        class: "key or token",
        values: vec![
            Canary::plain(&stripe("sk_live"), "[STRIPE_KEY_REDACTED]"),
            Canary::plain(&stripe("sk_test"), "[STRIPE_KEY_REDACTED]"),
            Canary::with_keyword("api_key=", "q7Zp3vXw9Lk2", "[API_KEY_REDACTED]"),
            // The example of RFC 7519, section 3.1, shortened.
            Canary::plain(
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVPmB92K27u",
                "[TOKEN_REDACTED]",
            ),
        ],
        controls: vec!["page=12"],
    };
    let tap = target.log()?;
    let client = target.keyed(&cx)?;
    let mark = tap.mark()?;
    let sent = canary::send(&client, &cx, &canaries, WEBHOOKS).await?;
    let words: Vec<String> = sent.iter().map(|(_, nonce)| nonce.clone()).collect();
    let log = tap.window(&cx, mark, &words).await?;
    let mut verdicts = vec![canary::redacted(&log, &canaries, &sent)?];
    if target.secrets().iter().any(|secret| !log.lacks(secret)) {
        verdicts.push(Verdict::Fail(
            "the key that this run sends is in the log".to_owned(),
        ));
    }
    Ok(worst(verdicts))
}

#[requirement("PCI-005")]
async fn email_addresses(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    const EMAIL: &str = "[EMAIL_REDACTED]";
    redaction(
        &cx,
        &target,
        Canaries {
            class: "email address",
            // Domains that are reserved for examples (RFC 2606).
            values: vec![
                Canary::plain("ann.probe@example.com", EMAIL),
                Canary::plain("ann+probe@example.org", EMAIL),
                Canary::plain("ann@mail.example.net", EMAIL),
            ],
            controls: vec!["user@ here"],
        },
    )
    .await
}

#[requirement("PCI-006")]
async fn bank_accounts(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    redaction(
        &cx,
        &target,
        Canaries {
            class: "bank account",
            // Test values of a payment provider.
            values: vec![
                Canary::with_keyword("account_number=", "000123456789", "[ACCOUNT_REDACTED]"),
                Canary::with_keyword("routing_number=", "110000000", "[ROUTING_REDACTED]"),
            ],
            controls: vec!["page number 123456"],
        },
    )
    .await
}

#[requirement("PCI-007")]
async fn social_security_numbers(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    const SSN: &str = "[SSN_REDACTED]";
    redaction(
        &cx,
        &target,
        Canaries {
            class: "social security number",
            values: vec![
                Canary::plain("123-45-6789", SSN),
                Canary::with_keyword("ssn=", "123456789", SSN),
            ],
            controls: vec!["on 2026-03-01"],
        },
    )
    .await
}

/// The trace of an error holds what the request held: one value of each class rides in a request
/// that is made to fail. None of them is one that another check sends meanwhile.
#[requirement("PCI-008")]
async fn exception_traces(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let canaries = Canaries {
        class: "value of a test",
        values: vec![
            Canary::plain("4000056655665556", CARD),
            Canary::with_keyword("cvv=", "907", CVV),
            Canary::plain(
                &stripe("cus").replace("zdp7", "zdp8"),
                "[STRIPE_CUSTOMER_REDACTED]",
            ),
            Canary::with_keyword("api_key=", "m4Tz8kRw2Hc6", "[API_KEY_REDACTED]"),
            Canary::plain("eve.probe@example.com", "[EMAIL_REDACTED]"),
            Canary::with_keyword("account_number=", "000111111116", "[ACCOUNT_REDACTED]"),
            Canary::plain("987-65-4320", "[SSN_REDACTED]"),
        ],
        controls: Vec::new(),
    };
    let texts: Vec<&str> = canaries
        .values
        .iter()
        .map(|canary| canary.text.as_str())
        .collect();
    let failure = provoke(&cx, &target, &texts.join(" ; ")).await?;
    let sent = [("a provoked error", failure.word.clone())];
    let in_trace = failure.log.records_containing(&failure.word);
    if !in_trace
        .iter()
        .any(|record| record.get("exception").exists())
    {
        return Ok(Verdict::Fail(
            "the provoked error left no trace to look at".to_owned(),
        ));
    }
    let reply = failure.reply.text();
    let shown = canaries
        .values
        .iter()
        .any(|canary| reply.contains(&canary.secret));
    Ok(worst([
        canary::redacted(&failure.log, &canaries, &sent)?,
        about(
            "the reply",
            if shown {
                Verdict::Fail("it repeats what was sent".to_owned())
            } else {
                Verdict::Pass
            },
        ),
    ]))
}

async fn redaction(cx: &Context, target: &Target, canaries: Canaries) -> Result<Verdict> {
    let tap = target.log()?;
    let client = target.keyed(cx)?;
    let mark = tap.mark()?;
    let sent = canary::send(&client, cx, &canaries, WEBHOOKS).await?;
    let words: Vec<String> = sent.iter().map(|(_, nonce)| nonce.clone()).collect();
    let log = tap.window(cx, mark, &words).await?;
    canary::redacted(&log, &canaries, &sent)
}

/// In parts, so that scanners of source code do not take it for a leaked one.
fn stripe(kind: &str) -> String {
    format!("{kind}_{}", "4eC39HqLyjWDarjtT1zdp7dc")
}
