//! Every fault: its name, who carries it, what a sound check makes of it, and what it does.

use super::{Carrier, Expected};

macro_rules! faults {
    ($($name:ident $id:literal $carrier:ident $expected:ident $description:literal)*) => {
        /// One fault of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Fault {
            $(
                #[doc = concat!("`", $id, "`: ", $description, ".")]
                $name,
            )*
        }

        impl Fault {
            /// How many there are.
            pub const COUNT: usize = Fault::ALL.len();

            const ALL: &'static [Fault] = &[$(Fault::$name),*];

            /// All faults, grouped by requirement.
            pub fn all() -> &'static [Fault] {
                Fault::ALL
            }

            /// The name, such as `HDR-001/missing`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Fault::$name => $id,)*
                }
            }

            /// Who shows it.
            pub fn carrier(self) -> Carrier {
                match self {
                    $(Fault::$name => Carrier::$carrier,)*
                }
            }

            /// What a sound check of its requirement reports.
            pub fn expected(self) -> Expected {
                match self {
                    $(Fault::$name => Expected::$expected,)*
                }
            }

            /// What it does, in one line.
            pub fn description(self) -> &'static str {
                match self {
                    $(Fault::$name => $description,)*
                }
            }
        }
    };
}

faults! {
    Hdr001Missing "HDR-001/missing" Service Fail "no reply carries X-Content-Type-Options"
    Hdr001WrongValue "HDR-001/wrong-value" Service Fail "X-Content-Type-Options is `sniff`"
    Hdr001MissingOnErrors "HDR-001/missing-on-errors" Service Fail "error replies lack X-Content-Type-Options"
    Hdr002Missing "HDR-002/missing" Service Fail "no reply carries X-Frame-Options"
    Hdr002AllowFrom "HDR-002/allow-from" Service Fail "X-Frame-Options is the obsolete ALLOW-FROM with another site"
    Hdr002MissingOnErrors "HDR-002/missing-on-errors" Service Fail "error replies lack X-Frame-Options"
    Hdr003Missing "HDR-003/missing" Service Fail "no reply carries X-XSS-Protection"
    Hdr003WrongValue "HDR-003/wrong-value" Service Fail "X-XSS-Protection is `1`, without mode=block"
    Hdr004Missing "HDR-004/missing" Service Fail "no reply carries Strict-Transport-Security"
    Hdr004ZeroMaxAge "HDR-004/zero-max-age" Service Fail "Strict-Transport-Security has max-age=0, which switches it off"
    Hdr004ShortMaxAge "HDR-004/short-max-age" Service Fail "Strict-Transport-Security lasts an hour"
    Hdr005Missing "HDR-005/missing" Service Fail "no reply carries Referrer-Policy"
    Hdr005UnsafeUrl "HDR-005/unsafe-url" Service Fail "Referrer-Policy is `unsafe-url`"
    Hdr006Missing "HDR-006/missing" Service Fail "no reply carries Permissions-Policy"
    Hdr006Wildcard "HDR-006/wildcard" Service Fail "Permissions-Policy lets every origin use the camera"
    Hdr006Unparsable "HDR-006/unparsable" Service Fail "Permissions-Policy is in the syntax of the older Feature-Policy"

    Cor001HttpOriginAllowed "COR-001/http-origin-allowed" Service Fail "the http twin of an allowed https origin is allowed"
    Cor001HttpInEnv "COR-001/http-in-env" Env Fail "ALLOWED_ORIGINS holds an http origin"
    Cor002AllowedRefused "COR-002/allowed-refused" Service Fail "an allowed origin is refused"
    Cor002ForeignEchoed "COR-002/foreign-echoed" Service Fail "preflights of foreign origins are granted"
    Cor002VaryMissing "COR-002/vary-missing" Service Fail "replies that depend on Origin lack Vary: Origin"
    Cor002EmptyList "COR-002/empty-list" Env Fail "ALLOWED_ORIGINS is empty"
    Cor003Wildcard "COR-003/wildcard" Service Fail "every origin is allowed by `*`, with credentials"
    Cor003ReflectsAny "COR-003/reflects-any" Service Fail "whatever Origin is sent is allowed"
    Cor003SuffixMatch "COR-003/suffix-match" Service Fail "an origin that ends with an allowed host is allowed"
    Cor003NullAllowed "COR-003/null-allowed" Service Fail "the origin `null` is allowed"
    Cor003WildcardEnv "COR-003/wildcard-env" Env Fail "ALLOWED_ORIGINS holds `*`"

    RtFree002LimitTooLow "RT-FREE-002/limit-too-low" Service Fail "the free tier gets 9 requests a minute"
    RtFree002LimitTooHigh "RT-FREE-002/limit-too-high" Service Fail "the free tier gets 11 requests a minute"
    RtFree002Missing "RT-FREE-002/missing" Service Fail "the free tier has no limit a minute"
    RtFree002ForwardedForBypass "RT-FREE-002/forwarded-for-bypass" Service Fail "a forged X-Forwarded-For gives a new budget"
    RtFree002NeverRecovers "RT-FREE-002/never-recovers" Service Fail "an address once refused stays refused"

    Rl001Missing "RL-001/missing" Service Fail "nobody is ever refused"
    Rl001WrongStatus "RL-001/wrong-status" Service Fail "requests over the limit get 403"
    Rl002Missing "RL-002/missing" Service Fail "429 lacks Retry-After"
    Rl002Zero "RL-002/zero" Service Fail "Retry-After is 0"
    Rl002NotANumber "RL-002/not-a-number" Service Fail "Retry-After is `soon`"
    Rl002TooShort "RL-002/too-short" Service Fail "Retry-After and the body state one second, which is not enough"
    Rl002DisagreesWithBody "RL-002/disagrees-with-body" Service Fail "retry_after_seconds is 30 more than Retry-After"
    Rl003Missing "RL-003/missing" Service Fail "no reply carries X-RateLimit headers"
    Rl003MissingOnSuccess "RL-003/missing-on-success" Service Fail "only 429 carries X-RateLimit headers"
    Rl003RemainingStuck "RL-003/remaining-stuck" Service Fail "X-RateLimit-Remaining never falls"
    Rl003WrongLimit "RL-003/wrong-limit" Service Fail "X-RateLimit-Limit is twice the limit"
    Rl003ResetInPast "RL-003/reset-in-past" Service Fail "X-RateLimit-Reset is a minute ago"
    Rl003WrongTier "RL-003/wrong-tier" Service Fail "X-RateLimit-Tier names the next tier"
    Rl004Missing "RL-004/missing" Service Fail "the body of 429 lacks upgrade_url"
    Rl004Empty "RL-004/empty" Service Fail "upgrade_url is empty"
    Rl004DeadLink "RL-004/dead-link" Service Fail "upgrade_url leads to 404"
    Rl005Missing "RL-005/missing" Service Fail "the body of 429 lacks tier"
    Rl005WrongTier "RL-005/wrong-tier" Service Fail "the body of 429 names the next tier"
    Rl005WrongWindow "RL-005/wrong-window" Service Fail "the body of 429 names the window `second`"

    Data001MissingInOne "DATA-001/missing-in-one" Service Fail "one row lacks tx_hash"
    Data001Blank "DATA-001/blank" Service Fail "one row has a blank tx_hash"
    Data001Placeholder "DATA-001/placeholder" Service Fail "one row has the tx_hash `unknown`"
    Data001OnlyOnPage2 "DATA-001/only-on-page-2" Service Fail "one row of the second page lacks tx_hash"
    Data002MissingInOne "DATA-002/missing-in-one" Service Fail "one row lacks chain"
    Data002Blank "DATA-002/blank" Service Fail "one row has a blank chain"
    Data002NotInChains "DATA-002/not-in-chains" Service Fail "one row has a chain that /chains does not list"
    Data003MissingInOne "DATA-003/missing-in-one" Service Fail "one row lacks protocol"
    Data003Blank "DATA-003/blank" Service Fail "one row has a blank protocol"
    Data004MissingInOne "DATA-004/missing-in-one" Service Fail "one row lacks timestamp"
    Data004Unparsable "DATA-004/unparsable" Service Fail "one row has a timestamp that is no time"
    Data004Future "DATA-004/future" Service Fail "one row is from next year"
    Data004EpochZero "DATA-004/epoch-zero" Service Fail "one row is from 1970-01-01"

    Hlth001Missing "HLTH-001/missing" Service Fail "/health is not there"
    Hlth001StatusDegraded200 "HLTH-001/status-degraded-200" Service Warn "/health answers 200 with the status `degraded`"
    Hlth001HtmlBody "HLTH-001/html-body" Service Fail "/health answers with a page for people"
    Hlth001Slow "HLTH-001/slow" Service Fail "/health takes two and a half seconds"
    Hlth001StaleTimestamp "HLTH-001/stale-timestamp" Service Fail "/health shows a time of an hour ago"
    Hlth002Missing "HLTH-002/missing" Service Fail "/ready is not there"
    Hlth002Always503 "HLTH-002/always-503" Service Fail "/ready says 503 with everything up"
    Hlth002FieldMissing "HLTH-002/field-missing" Service Fail "/ready does not name redis"
    Hlth004Missing "HLTH-004/missing" Service Fail "/health lacks database_exploits"
    Hlth004Zero "HLTH-004/zero" Service Fail "database_exploits is 0"
    Hlth004StaleCount "HLTH-004/stale-count" Service Fail "database_exploits is half of what is there"
    Hlth004String "HLTH-004/string" Service Fail "database_exploits is a text"
    Hlth005Missing "HLTH-005/missing" Service Fail "/health lacks active_sources"
    Hlth005Zero "HLTH-005/zero" Service Fail "active_sources is 0"
    Hlth005ExceedsTotal "HLTH-005/exceeds-total" Service Fail "active_sources is more than total_sources"
}
