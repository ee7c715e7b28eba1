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
    Sec001AlgNone "SEC-001/alg-none" Service Fail "a token whose header says `alg: none` needs no signature"
    Sec001AcceptsExpired "SEC-001/accepts-expired" Service Fail "the expiry of a token is not looked at"
    Sec001AcceptsTampered "SEC-001/accepts-tampered" Service Fail "the signature of a token is not looked at"
    Sec001RefreshAsAccess "SEC-001/refresh-as-access" Service Fail "a refresh token opens what an access token opens"
    Sec001RevokedAccepted "SEC-001/revoked-accepted" Service Fail "a token stays valid after logout"
    Sec001NoExp "SEC-001/no-exp" Service Fail "tokens carry no expiry"
    Sec001DefaultSecret "SEC-001/default-secret" Service Fail "tokens signed with the secret `secret` are valid, too"

    Sec002BearerIgnored "SEC-002/bearer-ignored" Service Fail "a key after `Bearer` is not looked at"
    Sec002XApiKeyIgnored "SEC-002/x-api-key-ignored" Service Fail "X-API-Key is not looked at"
    Sec002UnknownKeyAccepted "SEC-002/unknown-key-accepted" Service Fail "any key is taken for one of the pro tier"
    Sec002InvalidAsAnonymous "SEC-002/invalid-as-anonymous" Service Fail "a wrong key is taken for none"
    Sec002AnonymousRefused "SEC-002/anonymous-refused" Service Fail "data is refused to callers without a key"
    Sec002WrongTier "SEC-002/wrong-tier" Service Fail "X-RateLimit-Tier names the next tier to callers with X-API-Key"
    Sec002QueryKeyAccepted "SEC-002/query-key-accepted" Service Warn "a key in the query string is honoured"

    Sec003EarlyExit "SEC-003/early-exit" Service Fail "comparing keys takes 400 microseconds for each byte that is right"
    Sec003LengthLeak "SEC-003/length-leak" Service Fail "comparing keys takes 3 milliseconds longer when the length is right"

    Sec004Missing "SEC-004/missing" Service Fail "logins may fail as often as one likes"
    Sec004FirstAttemptBlocked "SEC-004/first-attempt-blocked" Service Fail "one failed login locks the account"
    Sec004NeverRecovers "SEC-004/never-recovers" Service Fail "a locked login stays locked"
    Sec004LocksAllAccounts "SEC-004/locks-all-accounts" Service Fail "failed logins to one account lock all"
    Sec004SpoofedForwardedForResets "SEC-004/spoofed-forwarded-for-resets" Service Fail "a forged X-Forwarded-For gives new attempts"

    Sec005LocalOnly "SEC-005/local-only" Service Fail "a revocation is known to the instance that made it"
    Sec005Missing "SEC-005/missing" Service Fail "logout revokes nothing"
    Sec005FailOpen "SEC-005/fail-open" Service Fail "revoked tokens are valid while the cache is down"
    Sec005RevokesAll "SEC-005/revokes-all" Service Fail "logout revokes all tokens of the user"
    Sec005NoTtl "SEC-005/no-ttl" Service Fail "revocations are kept for ever"

    Pci001Missing "PCI-001/missing" Service Fail "card numbers are logged as they are"
    Pci001SpacedOnly "PCI-001/spaced-only" Service Fail "only card numbers in groups are redacted"
    Pci001AmexMissed "PCI-001/amex-missed" Service Fail "card numbers of 15 digits are logged as they are"
    Pci001OverRedaction "PCI-001/over-redaction" Service Fail "any 13 to 19 digits are redacted, card number or not"

    Pci002Missing "PCI-002/missing" Service Fail "security codes are logged as they are"
    Pci002FourDigitMissed "PCI-002/four-digit-missed" Service Fail "security codes of 4 digits are logged as they are"
    Pci002OverRedaction "PCI-002/over-redaction" Service Fail "any number after `=` is redacted as a security code"

    Pci003CustomerLeak "PCI-003/customer-leak" Service Fail "Stripe customer ids are logged as they are"
    Pci003MethodLeak "PCI-003/method-leak" Service Fail "Stripe payment method ids are logged as they are"
    Pci003IntentLeak "PCI-003/intent-leak" Service Fail "Stripe payment intent ids are logged as they are"

    Pci004StripeLeak "PCI-004/stripe-leak" Service Fail "Stripe keys are logged as they are"
    Pci004ApiKeyLeak "PCI-004/api-key-leak" Service Fail "values of `api_key` are logged as they are"
    Pci004TokenLeak "PCI-004/token-leak" Service Fail "bearer tokens are logged as they are"
    Pci004HeaderDump "PCI-004/header-dump" Service Fail "request records hold all request headers"

    Pci005Missing "PCI-005/missing" Service Fail "email addresses are logged as they are"
    Pci005PlusTagMissed "PCI-005/plus-tag-missed" Service Fail "email addresses with a plus tag are logged as they are"

    Pci006AccountLeak "PCI-006/account-leak" Service Fail "bank account numbers are logged as they are"
    Pci006RoutingLeak "PCI-006/routing-leak" Service Fail "routing numbers are logged as they are"

    Pci007Missing "PCI-007/missing" Service Fail "social security numbers are logged as they are"
    Pci007OverRedaction "PCI-007/over-redaction" Service Fail "dates are redacted as social security numbers"

    Pci008TraceLeak "PCI-008/trace-leak" Service Fail "the message of an exception is logged as it is"
    Pci008CauseLeak "PCI-008/cause-leak" Service Fail "the cause of an exception is logged as it is"
    Pci008LocalsDump "PCI-008/locals-dump" Service Fail "an exception is logged with the values of its variables"

    Hdr001Missing "HDR-001/missing" Service Fail "no reply carries X-Content-Type-Options"
    Hdr001MissingOn429 "HDR-001/missing-on-429" Service Fail "the limiter's refusals lack X-Content-Type-Options"
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

    RtFree001Missing "RT-FREE-001/missing" Service Fail "the free tier sees rows at once"
    RtFree001Delay12h "RT-FREE-001/delay-12h" Service Fail "the free tier sees rows after 12 hours"
    RtFree001OverDelay "RT-FREE-001/over-delay" Service Fail "the free tier sees rows after 72 hours"
    RtFree001DetailBypass "RT-FREE-001/detail-bypass" Service Fail "a single row is shown to the free tier at once"
    RtFree001FilterBypass "RT-FREE-001/filter-bypass" Service Fail "rows of a chain are shown to the free tier at once"
    RtFree001Empty "RT-FREE-001/empty" Service Fail "the free tier sees no rows"

    RtFree002LimitTooLow "RT-FREE-002/limit-too-low" Service Fail "the free tier gets 9 requests a minute"
    RtFree002LimitTooHigh "RT-FREE-002/limit-too-high" Service Fail "the free tier gets 11 requests a minute"
    RtFree002Missing "RT-FREE-002/missing" Service Fail "the free tier has no limit a minute"
    RtFree002ForwardedForBypass "RT-FREE-002/forwarded-for-bypass" Service Fail "a forged X-Forwarded-For gives a new budget"
    RtFree002NeverRecovers "RT-FREE-002/never-recovers" Service Fail "an address once refused stays refused"

    RtFree003LimitTooLow "RT-FREE-003/limit-too-low" Service Fail "the free tier gets 99 requests an hour"
    RtFree003LimitTooHigh "RT-FREE-003/limit-too-high" Service Fail "the free tier gets 101 requests an hour"
    RtFree003Missing "RT-FREE-003/missing" Service Fail "the free tier has no limit an hour"

    RtFree004LimitTooLow "RT-FREE-004/limit-too-low" Service Fail "the free tier gets 499 requests a day"
    RtFree004LimitTooHigh "RT-FREE-004/limit-too-high" Service Fail "the free tier gets 501 requests a day"
    RtFree004Missing "RT-FREE-004/missing" Service Fail "the free tier has no limit a day"

    RtFree005ReadAllowed "RT-FREE-005/read-allowed" Service Fail "webhooks can be listed without a key"
    RtFree005CreateAllowed "RT-FREE-005/create-allowed" Service Fail "webhooks can be created without a key"

    RtFree006ReadAllowed "RT-FREE-006/read-allowed" Service Fail "watchlists can be listed without a key"
    RtFree006CreateAllowed "RT-FREE-006/create-allowed" Service Fail "watchlists can be created without a key"

    RtPro001Delayed "RT-PRO-001/delayed" Service Fail "the pro tier sees rows after 24 hours"
    RtPro001Delayed1h "RT-PRO-001/delayed-1h" Service Fail "the pro tier sees rows after an hour"
    RtPro001Empty "RT-PRO-001/empty" Service Fail "the pro tier sees no rows"

    RtPro002LimitTooLow "RT-PRO-002/limit-too-low" Service Fail "the pro tier gets 34 requests a minute"
    RtPro002LimitTooHigh "RT-PRO-002/limit-too-high" Service Fail "the pro tier gets 36 requests a minute"
    RtPro002Missing "RT-PRO-002/missing" Service Fail "the pro tier has no limit a minute"
    RtPro002PerIpNotPerKey "RT-PRO-002/per-ip-not-per-key" Service Fail "pro keys at one address share a budget"

    RtPro003LimitTooLow "RT-PRO-003/limit-too-low" Service Fail "the pro tier gets 2,082 requests an hour"
    RtPro003LimitTooHigh "RT-PRO-003/limit-too-high" Service Fail "the pro tier gets 2,084 requests an hour"
    RtPro003Missing "RT-PRO-003/missing" Service Fail "the pro tier has no limit an hour"

    RtPro004LimitTooLow "RT-PRO-004/limit-too-low" Service Fail "the pro tier gets 49,999 requests a day"
    RtPro004LimitTooHigh "RT-PRO-004/limit-too-high" Service Fail "the pro tier gets 50,001 requests a day"
    RtPro004Missing "RT-PRO-004/missing" Service Fail "the pro tier has no limit a day"

    RtPro005LimitTooLow "RT-PRO-005/limit-too-low" Service Fail "the pro tier gets 1 webhook"
    RtPro005LimitTooHigh "RT-PRO-005/limit-too-high" Service Fail "the pro tier gets 3 webhooks"
    RtPro005Refused "RT-PRO-005/refused" Service Fail "the pro tier gets no webhooks"
    RtPro005DeleteKeepsSlot "RT-PRO-005/delete-keeps-slot" Service Fail "a deleted webhook of the pro tier still counts"
    RtPro005SecretListed "RT-PRO-005/secret-listed" Service Fail "the secrets of webhooks are listed"

    RtTeam001LimitTooLow "RT-TEAM-001/limit-too-low" Service Fail "the team tier gets 69 requests a minute"
    RtTeam001LimitTooHigh "RT-TEAM-001/limit-too-high" Service Fail "the team tier gets 71 requests a minute"
    RtTeam001Missing "RT-TEAM-001/missing" Service Fail "the team tier has no limit a minute"

    RtTeam002LimitTooLow "RT-TEAM-002/limit-too-low" Service Fail "the team tier gets 4,166 requests an hour"
    RtTeam002LimitTooHigh "RT-TEAM-002/limit-too-high" Service Fail "the team tier gets 4,168 requests an hour"
    RtTeam002Missing "RT-TEAM-002/missing" Service Fail "the team tier has no limit an hour"

    RtTeam003LimitTooLow "RT-TEAM-003/limit-too-low" Service Fail "the team tier gets 99,999 requests a day"
    RtTeam003LimitTooHigh "RT-TEAM-003/limit-too-high" Service Fail "the team tier gets 100,001 requests a day"
    RtTeam003Missing "RT-TEAM-003/missing" Service Fail "the team tier has no limit a day"

    RtTeam004LimitTooLow "RT-TEAM-004/limit-too-low" Service Fail "the team tier gets 4 webhooks"
    RtTeam004LimitTooHigh "RT-TEAM-004/limit-too-high" Service Fail "the team tier gets 6 webhooks"
    RtTeam004Refused "RT-TEAM-004/refused" Service Fail "the team tier gets no webhooks"

    RtTeam005Refused "RT-TEAM-005/refused" Service Fail "the team tier gets no watchlists"
    RtTeam005NotPersisted "RT-TEAM-005/not-persisted" Service Fail "a created watchlist is not kept"
    RtTeam005ProAllowed "RT-TEAM-005/pro-allowed" Service Fail "the pro tier gets watchlists"

    RtEnt001LimitTooLow "RT-ENT-001/limit-too-low" Service Fail "the enterprise tier gets 999 requests a minute"
    RtEnt001NoUpperBound "RT-ENT-001/no-upper-bound" Service Warn "the enterprise tier has no limit a minute"
    RtEnt001HourLimitApplied "RT-ENT-001/hour-limit-applied" Service Fail "the enterprise tier gets 1,500 requests an hour"

    RtEnt002LimitTooLow "RT-ENT-002/limit-too-low" Service Fail "the enterprise tier gets 49 webhooks"
    RtEnt002ErrorAtLimit "RT-ENT-002/error-at-limit" Service Fail "one webhook too many is an internal error"
    RtEnt002NoUpperBound "RT-ENT-002/no-upper-bound" Service Warn "the enterprise tier gets as many webhooks as it likes"

    RtEnt003FlagOff "RT-ENT-003/flag-off" Service Fail "the enterprise tier has no custom integrations"
    RtEnt003FlagOnForTeam "RT-ENT-003/flag-on-for-team" Service Fail "the team tier has custom integrations"

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

    Perf001StallsAt100 "PERF-001/stalls-at-100" Service Fail "replies take 4 seconds while 100 connections are in use"
    Perf001ShortHold "PERF-001/short-hold" Fixture Fail "a load summary whose hold at 100 users is too short"

    Perf002StallsAt200 "PERF-002/stalls-at-200" Service Fail "replies take 4 seconds while 200 connections are in use"
    Perf002Vus150 "PERF-002/vus-150" Fixture Fail "a load summary that never had more than 150 users"

    Perf003SlowAll "PERF-003/slow-all" Service Fail "every reply takes 4 seconds"
    Perf003SlowOneEndpoint "PERF-003/slow-one-endpoint" Service Fail "/chains takes 4 seconds"

    Perf004SlowExploits "PERF-004/slow-exploits" Service Fail "/exploits takes 4 seconds"
    Perf004SlowFiltered "PERF-004/slow-filtered" Service Fail "/exploits takes 4 seconds when filtered"

    Perf005SlowStats "PERF-005/slow-stats" Service Fail "/stats takes 4 seconds"
    Perf005CacheOffSlow "PERF-005/cache-off-slow" Service Fail "/stats is not cached and takes 4 seconds"

    Perf006Errors8Percent "PERF-006/errors-8-percent" Service Fail "8 of 100 requests end in an internal error"
    Perf006Timeouts8Percent "PERF-006/timeouts-8-percent" Service Fail "8 of 100 requests take 15 seconds"

    Perf007WrongContent "PERF-007/wrong-content" Service Fail "8 of 100 replies are JSON of another kind"
    Perf007Empty200Bodies "PERF-007/empty-200-bodies" Service Fail "8 of 100 replies have status 200 and no body"

    Db001LimitTooHigh "DB-001/limit-too-high" Service Fail "pages of 1,000 rows are served"
    Db001LimitTooLow "DB-001/limit-too-low" Service Fail "pages of more than 100 rows are refused"
    Db001Missing "DB-001/missing" Service Fail "page_size has no limit"

    Db002LimitTooHigh "DB-002/limit-too-high" Service Fail "page 20,000 is served"
    Db002LimitTooLow "DB-002/limit-too-low" Service Fail "pages after 5,000 are refused"
    Db002Missing "DB-002/missing" Service Fail "page has no limit"
    Db002Overflow500 "DB-002/overflow-500" Service Fail "a page beyond the last is an internal error"

    Db003Missing "DB-003/missing" Postgres Fail "statement_timeout is 0"
    Db003TooLong "DB-003/too-long" Postgres Fail "statement_timeout is an hour"
    Db003RoleOverrideZero "DB-003/role-override-zero" Postgres Fail "statement_timeout is 0 for the application's role"

    Db004ConnectPerRequest "DB-004/connect-per-request" Service Fail "each request opens a database connection of its own"
    Db004UnboundedPool "DB-004/unbounded-pool" Service Fail "the pool of database connections has no limit"

    Db005Missing "DB-005/missing" Postgres Fail "exploits.timestamp has no index"
    Db005NotLeading "DB-005/not-leading" Postgres Fail "exploits.timestamp is the second column of its index"
    Db005Invalid "DB-005/invalid" Postgres Fail "the index on exploits.timestamp is not valid"
    Db005Partial "DB-005/partial" Postgres Warn "the index on exploits.timestamp covers a part of the rows"

    Db006Missing "DB-006/missing" Postgres Fail "exploits.chain has no index"
    Db006NotLeading "DB-006/not-leading" Postgres Fail "exploits.chain is the second column of its index"
    Db006Invalid "DB-006/invalid" Postgres Fail "the index on exploits.chain is not valid"

    Cache001Unused "CACHE-001/unused" Service Fail "the cache is never asked"
    Cache001ReadySaysDown "CACHE-001/ready-says-down" Service Fail "/ready says that the cache is down"
    Cache001Loading "CACHE-001/loading" Redis Fail "the cache server is still loading its data"

    Cache002Missing "CACHE-002/missing" Service Fail "the cache is not warmed at the start"
    Cache002LogsOnlyZero "CACHE-002/logs-only-zero" Service Fail "the start logs that no entries were warmed, which is true"
    Cache002WarmsAfterFirstRequest "CACHE-002/warms-after-first-request" Service Fail "the cache is warmed after the first request"

    Cache003NoExpiry "CACHE-003/no-expiry" Service Fail "cache entries never expire"
    Cache003TtlTooLong "CACHE-003/ttl-too-long" Service Fail "cache entries live 30 days"
    Cache003OneKeyNoExpiry "CACHE-003/one-key-no-expiry" Service Fail "one cache entry never expires"

    Cache004Missing "CACHE-004/missing" Service Fail "no reply carries Cache-Control"
    Cache004SharedCacheableWithKey "CACHE-004/shared-cacheable-with-key" Service Fail "replies to a key may be stored by shared caches"
    Cache004EtagNever304 "CACHE-004/etag-never-304" Service Fail "If-None-Match is not looked at"

    Cache005ErrorsWithoutCache "CACHE-005/errors-without-cache" Service Fail "without the cache data requests end in an internal error"
    Cache005HangsWithoutCache "CACHE-005/hangs-without-cache" Service Fail "without the cache data requests take 8 seconds"
    Cache005NeverReconnects "CACHE-005/never-reconnects" Service Fail "a cache that was down once is never asked again"
    Cache005EmptyData "CACHE-005/empty-data" Service Fail "without the cache data requests find nothing"

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

    Data005Overlap "DATA-005/overlap" Service Fail "a page begins with the last row of the one before"
    Data005Gap "DATA-005/gap" Service Fail "a row between two pages is on neither"
    Data005HasMoreAlways "DATA-005/has-more-always" Service Fail "has_more is true on the last page, too"
    Data005IgnoresPage "DATA-005/ignores-page" Service Fail "every page is the first"
    Data005WrongTotal "DATA-005/wrong-total" Service Fail "total is one too many"
    Data005ShortPage "DATA-005/short-page" Service Fail "a page lacks its last row"

    Data006DuplicateOnPage "DATA-006/duplicate-on-page" Service Fail "the second row of a page is the first again"
    Data006DuplicateAt500 "DATA-006/duplicate-at-500" Service Fail "the last row of a page of 500 is the first again"

    Filt001Ignored "FILT-001/ignored" Service Fail "chain is ignored"
    Filt001AlwaysEmpty "FILT-001/always-empty" Service Fail "chain finds nothing"
    Filt001IncludesForeign "FILT-001/includes-foreign" Service Fail "chain also finds a row of another chain"
    Filt001CaseSensitive "FILT-001/case-sensitive" Service Warn "chain must be written as it is stored"

    Filt002Ignored "FILT-002/ignored" Service Fail "min_amount is ignored"
    Filt002ExclusiveBound "FILT-002/exclusive-bound" Service Fail "min_amount leaves out the amount itself"
    Filt002AlwaysEmpty "FILT-002/always-empty" Service Fail "min_amount finds nothing"
    Filt002NullAmountIncluded "FILT-002/null-amount-included" Service Fail "min_amount also finds a row without an amount"

    Filt003Ignored "FILT-003/ignored" Service Fail "protocol is ignored"
    Filt003ExactOnly "FILT-003/exact-only" Service Fail "protocol finds whole names only"
    Filt003CaseSensitive "FILT-003/case-sensitive" Service Fail "protocol must be written as it is stored"
    Filt003AlwaysEmpty "FILT-003/always-empty" Service Fail "protocol finds nothing"

    Filt004Ignored "FILT-004/ignored" Service Fail "start_date and end_date are ignored"
    Filt004ExclusiveEnd "FILT-004/exclusive-end" Service Fail "end_date leaves out the moment itself"
    Filt004OffByOneDay "FILT-004/off-by-one-day" Service Fail "start_date and end_date mean a day later"
    Filt004TimezoneShift "FILT-004/timezone-shift" Service Fail "start_date and end_date are read five hours off"

    Filt005OrInsteadOfAnd "FILT-005/or-instead-of-and" Service Fail "a row is found when one of several filters matches"
    Filt005LastWins "FILT-005/last-wins" Service Fail "only the last of several filters is applied"
    Filt005MinAmountDropped "FILT-005/min-amount-dropped" Service Fail "min_amount is ignored beside other filters"

    Hlth001Missing "HLTH-001/missing" Service Fail "/health is not there"
    Hlth001StatusDegraded200 "HLTH-001/status-degraded-200" Service Warn "/health answers 200 with the status `degraded`"
    Hlth001HtmlBody "HLTH-001/html-body" Service Fail "/health answers with a page for people"
    Hlth001Slow "HLTH-001/slow" Service Fail "/health takes two and a half seconds"
    Hlth001StaleTimestamp "HLTH-001/stale-timestamp" Service Fail "/health shows a time of an hour ago"

    Hlth002Missing "HLTH-002/missing" Service Fail "/ready is not there"
    Hlth002Always503 "HLTH-002/always-503" Service Fail "/ready says 503 with everything up"
    Hlth002FieldMissing "HLTH-002/field-missing" Service Fail "/ready does not name redis"

    Hlth003Always200 "HLTH-003/always-200" Service Fail "/ready says 200 whatever is down"
    Hlth003Hangs "HLTH-003/hangs" Service Fail "/ready takes 15 seconds while a store is down"
    Hlth003NeverRecovers "HLTH-003/never-recovers" Service Fail "/ready says 503 for ever once a store was down"
    Hlth003Crash "HLTH-003/crash" Service Fail "the service ends when /ready finds the database down"
    Hlth003RedisIgnored "HLTH-003/redis-ignored" Service Warn "/ready says 200 while the cache is down"

    Hlth004Missing "HLTH-004/missing" Service Fail "/health lacks database_exploits"
    Hlth004Zero "HLTH-004/zero" Service Fail "database_exploits is 0"
    Hlth004StaleCount "HLTH-004/stale-count" Service Fail "database_exploits is half of what is there"
    Hlth004String "HLTH-004/string" Service Fail "database_exploits is a text"

    Hlth005Missing "HLTH-005/missing" Service Fail "/health lacks active_sources"
    Hlth005Zero "HLTH-005/zero" Service Fail "active_sources is 0"
    Hlth005ExceedsTotal "HLTH-005/exceeds-total" Service Fail "active_sources is more than total_sources"

    Log001PlainText "LOG-001/plain-text" Service Fail "log records are lines for people"
    Log001Mixed "LOG-001/mixed" Service Fail "every fifth log record is a line for people"
    Log001MultiLine "LOG-001/multi-line" Service Fail "a log record is spread over several lines"

    Log002Missing "LOG-002/missing" Service Fail "log records lack timestamp"
    Log002MissingOnErrors "LOG-002/missing-on-errors" Service Fail "log records of errors lack timestamp"
    Log002WrongClock "LOG-002/wrong-clock" Service Fail "log records are three hours off"
    Log002NoZone "LOG-002/no-zone" Service Warn "the time of log records has no zone"

    Log003Missing "LOG-003/missing" Service Fail "log records lack level"
    Log003UnknownLevel "LOG-003/unknown-level" Service Fail "the level of log records is `NOTE`"
    Log003AllInfo "LOG-003/all-info" Service Fail "the level of every log record is INFO"

    Log004Missing "LOG-004/missing" Service Fail "errors are logged without their exception"
    Log004OneLineOnly "LOG-004/one-line-only" Service Fail "errors are logged without the frames of their trace"
    Log004SplitOverRecords "LOG-004/split-over-records" Service Fail "each frame of a trace is a log record of its own"

    Log005Missing "LOG-005/missing" Service Fail "requests are not logged"
    Log005StatusMissing "LOG-005/status-missing" Service Fail "request records lack status"
    Log005WrongStatus "LOG-005/wrong-status" Service Fail "the status of request records is always 200"
    Log005Duplicated "LOG-005/duplicated" Service Fail "each request is logged twice"
    Log005ErrorsNotLogged "LOG-005/errors-not-logged" Service Fail "requests that fail are not logged"

    Log006LeakInStartup "LOG-006/leak-in-startup" Service Fail "the start logs the payment provider's key"
    Log006LeakInError "LOG-006/leak-in-error" Service Fail "the records of client errors hold the operator's email address"
    Log006LeakOwnKey "LOG-006/leak-own-key" Service Fail "request records hold the caller's key"

    Err001200Empty "ERR-001/200-empty" Service Fail "an unknown transaction gets 200 with an empty object"
    Err001500 "ERR-001/500" Service Fail "an unknown transaction is an internal error"
    Err001Html404 "ERR-001/html-404" Service Fail "an unknown transaction gets 404 with a page for people"

    Err002Accepted "ERR-002/accepted" Service Fail "invalid parameters are ignored"
    Err002500 "ERR-002/500" Service Fail "invalid parameters are an internal error"
    Err002422 "ERR-002/422" Service Warn "invalid parameters get 422"
    Err002OneParamAccepted "ERR-002/one-param-accepted" Service Fail "an invalid `days` is ignored"

    Err003Allowed "ERR-003/allowed" Service Fail "protected routes are open to everybody"
    Err003403Instead "ERR-003/403-instead" Service Fail "a missing credential gets 403"
    Err003Redirect "ERR-003/redirect" Service Fail "a missing credential gets a redirect to a login page"
    Err003500 "ERR-003/500" Service Fail "a missing credential is an internal error"

    Err004Allowed "ERR-004/allowed" Service Fail "watchlists are open to the pro tier"
    Err004401Instead "ERR-004/401-instead" Service Fail "a tier that is too small gets 401"
    Err004404Instead "ERR-004/404-instead" Service Warn "a tier that is too small gets 404"
    Err004PostAllowed "ERR-004/post-allowed" Service Fail "watchlists can be created by the pro tier"

    Err005WrongStatus "ERR-005/wrong-status" Service Fail "requests over the limit get 400"
    Err005EmptyBody "ERR-005/empty-body" Service Fail "429 has no body"
    Err005503Instead "ERR-005/503-instead" Service Fail "requests over the limit get 503"

    Err006NotLogged "ERR-006/not-logged" Service Fail "internal errors are not logged"
    Err006NoPath "ERR-006/no-path" Service Fail "the record of an internal error lacks path"
    Err006IdDiffers "ERR-006/id-differs" Service Warn "the request id of an internal error is not that of the reply"

    Err007MissingOn404 "ERR-007/missing-on-404" Service Fail "404 lacks `error`"
    Err007MissingOn429 "ERR-007/missing-on-429" Service Fail "429 lacks `error`"
    Err007ObjectError "ERR-007/object-error" Service Fail "`error` is an object"
    Err007Html "ERR-007/html" Service Fail "errors are pages for people"

    Err008TraceIn500 "ERR-008/trace-in-500" Service Fail "500 shows the trace"
    Err008SqlIn400 "ERR-008/sql-in-400" Service Fail "400 shows the query to the database"
    Err008PathIn404 "ERR-008/path-in-404" Service Fail "404 shows the path of a source file"

    Env001Missing "ENV-001/missing" Env Fail "ENVIRONMENT is not set"
    Env001Development "ENV-001/development" Env Fail "ENVIRONMENT is `development`"
    Env001TrailingSpace "ENV-001/trailing-space" Env Warn "ENVIRONMENT has a space at the end"

    Env002Missing "ENV-002/missing" Env Fail "ALLOWED_ORIGINS is not set"
    Env002Empty "ENV-002/empty" Env Fail "ALLOWED_ORIGINS is blank"
    Env002Localhost "ENV-002/localhost" Env Fail "ALLOWED_ORIGINS is a developer's machine"

    Env003Missing "ENV-003/missing" Env Fail "REDIS_URL is not set"
    Env003Unparsable "ENV-003/unparsable" Env Fail "REDIS_URL is no URL"
    Env003Localhost "ENV-003/localhost" Env Warn "REDIS_URL is the machine itself"

    Env004Missing "ENV-004/missing" Env Fail "DATABASE_URL is not set"
    Env004Sqlite "ENV-004/sqlite" Env Fail "DATABASE_URL is a file"
    Env004DefaultPassword "ENV-004/default-password" Env Fail "DATABASE_URL has the password `postgres`"

    Env005Missing "ENV-005/missing" Env Fail "SECRET_KEY is not set"
    Env005Default "ENV-005/default" Env Fail "SECRET_KEY is the one of the template"
    Env005Short "ENV-005/short" Env Fail "SECRET_KEY has 12 characters"
    Env005Repeated "ENV-005/repeated" Env Fail "SECRET_KEY is one character over and over"

    Env006Missing "ENV-006/missing" Env Fail "STRIPE_API_KEY is not set"
    Env006TestKey "ENV-006/test-key" Env Fail "STRIPE_API_KEY is one for tests"
    Env006Publishable "ENV-006/publishable" Env Fail "STRIPE_API_KEY is the publishable one"

    Env007Missing "ENV-007/missing" Env Fail "LOG_LEVEL is not set"
    Env007Debug "ENV-007/debug" Env Fail "LOG_LEVEL is DEBUG"
    Env007LowerCaseDebug "ENV-007/lower-case-debug" Env Fail "LOG_LEVEL is debug"

    DplyDb001Missing "DPLY-DB-001/missing" Fixture Fail "there is no backup"
    DplyDb001Stale "DPLY-DB-001/stale" Fixture Fail "the newest backup is a week old"
    DplyDb001Empty "DPLY-DB-001/empty" Fixture Fail "the newest backup has no bytes"
    DplyDb001Shrunk "DPLY-DB-001/shrunk" Fixture Fail "the newest backup is a tenth of the others"
    DplyDb001Corrupt "DPLY-DB-001/corrupt" Fixture Fail "the newest backup cannot be read"

    DplyDb002ArchiveOff "DPLY-DB-002/archive-off" Postgres Fail "archive_mode is off"
    DplyDb002TrueCommand "DPLY-DB-002/true-command" Postgres Fail "archive_command is `true`"
    DplyDb002FailingArchiver "DPLY-DB-002/failing-archiver" Postgres Fail "archiving fails"
    DplyDb002WalMinimal "DPLY-DB-002/wal-minimal" Postgres Fail "wal_level is minimal"

    DplyDb003Missing "DPLY-DB-003/missing" Attestation NotVerified "there is no attestation"
    DplyDb003Expired "DPLY-DB-003/expired" Attestation NotVerified "the attestation has expired"
    DplyDb003WrongScope "DPLY-DB-003/wrong-scope" Attestation NotVerified "the attestation is for another environment"
    DplyDb003Unencrypted "DPLY-DB-003/unencrypted" Fixture Fail "the manifest's volume is not encrypted"

    DplyDb004SslOff "DPLY-DB-004/ssl-off" Postgres Fail "the server has no TLS"
    DplyDb004SslmodePrefer "DPLY-DB-004/sslmode-prefer" Env Fail "DATABASE_URL has sslmode=prefer"
    DplyDb004PlaintextAccepted "DPLY-DB-004/plaintext-accepted" Postgres Warn "the server also takes connections without TLS"
    DplyDb004Tls10 "DPLY-DB-004/tls10" Postgres Fail "the server takes TLS 1.0"

    DplyDb005NoReplica "DPLY-DB-005/no-replica" Postgres Fail "no replica is connected"
    DplyDb005Lagging "DPLY-DB-005/lagging" Postgres Fail "the replica stays an hour behind"
    DplyDb005ReplicaNotInRecovery "DPLY-DB-005/replica-not-in-recovery" Postgres Fail "the replica is a server of its own"

    DplyRedis001Off "DPLY-REDIS-001/off" Redis Fail "nothing is written to disk"
    DplyRedis001AofWriteError "DPLY-REDIS-001/aof-write-error" Redis Fail "the last write to the log failed"
    DplyRedis001BgsaveError "DPLY-REDIS-001/bgsave-error" Redis Fail "the last snapshot failed"
    DplyRedis001StaleSave "DPLY-REDIS-001/stale-save" Redis Fail "the last snapshot is too old"

    DplyRedis002NoAuth "DPLY-REDIS-002/no-auth" Redis Fail "the server asks for no password"
    DplyRedis002WeakPassword "DPLY-REDIS-002/weak-password" Redis Fail "the password has 8 characters"
    DplyRedis002NopassUser "DPLY-REDIS-002/nopass-user" Redis Fail "the default user needs no password"

    DplyRedis003Plaintext "DPLY-REDIS-003/plaintext" Redis Fail "the server has no TLS"
    DplyRedis003ExpiredCert "DPLY-REDIS-003/expired-cert" Redis Fail "the certificate has expired"
    DplyRedis003PlaintextPortOpen "DPLY-REDIS-003/plaintext-port-open" Redis Warn "a port without TLS is open on the machine itself, too"

    DplyRedis004Missing "DPLY-REDIS-004/missing" Fixture Fail "there is no backup"
    DplyRedis004Stale "DPLY-REDIS-004/stale" Fixture Fail "the newest backup is a week old"
    DplyRedis004SameVolumeOnly "DPLY-REDIS-004/same-volume-only" Fixture Fail "the only copy is the server's own file"
    DplyRedis004Corrupt "DPLY-REDIS-004/corrupt" Fixture Fail "the newest backup cannot be read"

    Mon001NotShipped "MON-001/not-shipped" Monitoring Fail "records do not reach the aggregator"
    Mon001Late "MON-001/late" Monitoring Fail "records reach the aggregator after ten minutes"
    Mon001WrongLabel "MON-001/wrong-label" Monitoring Fail "records are labelled as another service's"

    Mon002TargetDown "MON-002/target-down" Monitoring Fail "the target is down"
    Mon002NoCpuSeries "MON-002/no-cpu-series" Monitoring Fail "there is no series for the processor"
    Mon002FrozenCounter "MON-002/frozen-counter" Monitoring Fail "the request counter stands still"
    Mon002StaleScrape "MON-002/stale-scrape" Monitoring Fail "the last scrape is an hour old"

    Mon003NoRule "MON-003/no-rule" Monitoring Fail "there is no alerting rule"
    Mon003RuleError "MON-003/rule-error" Monitoring Fail "the rule cannot be evaluated"
    Mon003DeadMetric "MON-003/dead-metric" Monitoring Fail "the rule is about a series that does not exist"
    Mon003NullReceiver "MON-003/null-receiver" Monitoring Fail "alerts go nowhere"

    Mon004NoProbe "MON-004/no-probe" Monitoring Fail "nobody probes the service"
    Mon004WrongHost "MON-004/wrong-host" Monitoring Fail "another host is probed"
    Mon004Gaps "MON-004/gaps" Monitoring Fail "the probe was away for hours"

    Mon005None "MON-005/none" Monitoring Fail "there is no dashboard"
    Mon005EmptyDashboard "MON-005/empty-dashboard" Monitoring Fail "the dashboard has no panels"
    Mon005DeadSeries "MON-005/dead-series" Monitoring Fail "the panels are about series that do not exist"

    Doc001Missing "DOC-001/missing" Service Fail "/docs is not there"
    Doc001Spec404 "DOC-001/spec-404" Service Fail "/openapi.json is not there"
    Doc001PathUndocumented "DOC-001/path-undocumented" Service Fail "/chains is not documented"
    Doc001DocumentedBut404 "DOC-001/documented-but-404" Service Fail "an address is documented that is not there"

    Doc002NoScheme "DOC-002/no-scheme" Service Fail "no security scheme is documented"
    Doc002SchemeUnused "DOC-002/scheme-unused" Service Fail "no operation is documented to need a key"
    Doc002WrongHeaderName "DOC-002/wrong-header-name" Service Fail "the documented header of a key is X-Auth-Key"

    Doc003Missing "DOC-003/missing" Service Fail "the limits are not documented"
    Doc003OutdatedNumber "DOC-003/outdated-number" Service Fail "the documented minute limit of the pro tier is 30"
    Doc003OneTierMissing "DOC-003/one-tier-missing" Service Fail "the limits of the team tier are not documented"

    Doc004Missing "DOC-004/missing" Service Fail "no error replies are documented"
    Doc004No429 "DOC-004/no-429" Service Fail "429 is not documented"
    Doc004SchemaDiffers "DOC-004/schema-differs" Service Fail "the documented errors hold a number `code` and no `error`"

    Doc005TierMissing "DOC-005/tier-missing" Service Fail "the pricing page lacks the team tier"
    Doc005OutdatedNumber "DOC-005/outdated-number" Service Fail "the pricing page has 30 for each limit of the pro tier"
    Doc005WebhookCountDiffers "DOC-005/webhook-count-differs" Service Fail "the pricing page has one webhook more for each tier"

    Doc006Missing "DOC-006/missing" Fixture Fail "there is no deployment guide"
    Doc006NoRollback "DOC-006/no-rollback" Fixture Fail "the guide has no section on rolling back"
    Doc006VariableMissing "DOC-006/variable-missing" Fixture Fail "the guide does not name a required variable"
    Doc006Stale "DOC-006/stale" Fixture Fail "the guide was last changed two years ago"

    CaioSec001OneRouteOpen "CAIO-SEC-001/one-route-open" Service Fail "contracts are shown without a key"
    CaioSec001AllOpen "CAIO-SEC-001/all-open" Service Fail "nothing needs a key"
    CaioSec001HeadBypass "CAIO-SEC-001/head-bypass" Service Fail "HEAD needs no key"
    CaioSec001RoleIgnored "CAIO-SEC-001/role-ignored" Service Fail "any key may do what only administrators may"
    CaioSec002PlaintextServed "CAIO-SEC-002/plaintext-served" Fixture Fail "the API answers without TLS, too"
    CaioSec002ExpiredCert "CAIO-SEC-002/expired-cert" Fixture Fail "the certificate has expired"
    CaioSec002Tls10 "CAIO-SEC-002/tls10" Fixture Fail "a handshake of TLS 1.0 is answered"
    CaioSec002NoRedirect "CAIO-SEC-002/no-redirect" Fixture Fail "plain http gets an error page in place of a redirect"
    CaioSec003LiteralInManifest "CAIO-SEC-003/literal-in-manifest" Fixture Fail "a manifest holds a secret as it is"
    CaioSec003WorldReadableEnv "CAIO-SEC-003/world-readable-env" Fixture Fail "everybody may read the env file"
    CaioSec003TrackedEnv "CAIO-SEC-003/tracked-env" Fixture Fail "the env file is under version control"
    CaioSec004OpenToWorld "CAIO-SEC-004/open-to-world" Fixture Fail "a network policy lets all addresses in at any port"
    CaioSec004NoDefaultDeny "CAIO-SEC-004/no-default-deny" Fixture Fail "no network policy denies by default"
    CaioSec004DatabasePortOpen "CAIO-SEC-004/database-port-open" Fixture Fail "the database's port is reachable from outside of the cluster"
    CaioSec005Wildcard "CAIO-SEC-005/wildcard" Service Fail "every origin gets `*`"
    CaioSec005ForeignEchoed "CAIO-SEC-005/foreign-echoed" Service Fail "every https origin is let in"
    CaioSec005AllowedRefused "CAIO-SEC-005/allowed-refused" Service Fail "the allowed origins are refused"
    CaioSec005NullAllowed "CAIO-SEC-005/null-allowed" Service Fail "the origin `null` is let in"
    CaioSec006Missing "CAIO-SEC-006/missing" Service Fail "nothing is limited"
    CaioSec006LimitTooLow "CAIO-SEC-006/limit-too-low" Service Fail "a key has 59 requests a minute"
    CaioSec006LimitTooHigh "CAIO-SEC-006/limit-too-high" Service Fail "a key has 61 requests a minute"
    CaioSec006RouteExempt "CAIO-SEC-006/route-exempt" Service Fail "requests for contracts are not counted"
    CaioSec007Missing "CAIO-SEC-007/missing" Service Fail "nothing is audited"
    CaioSec007DeniedNotAudited "CAIO-SEC-007/denied-not-audited" Service Fail "denied access is not audited"
    CaioSec007NoActor "CAIO-SEC-007/no-actor" Service Fail "audit records do not say who"
    CaioSec007SecretInAudit "CAIO-SEC-007/secret-in-audit" Service Fail "the record of a failed login holds the key that was tried"

    CaioRel001AlwaysOk "CAIO-REL-001/always-ok" Service Fail "/health is 200 and ok whatever is down"
    CaioRel001NoProbe "CAIO-REL-001/no-probe" Fixture Fail "the manifest has no readiness probe"
    CaioRel001WrongProbePath "CAIO-REL-001/wrong-probe-path" Fixture Fail "the liveness probe asks for another path"
    CaioRel002PlainText "CAIO-REL-002/plain-text" Service Fail "CAIO_LOG_FORMAT is text, and so are the logs"
    CaioRel002EnvOnly "CAIO-REL-002/env-only" Service Fail "CAIO_LOG_FORMAT is json, the logs are text"
    CaioRel002Mixed "CAIO-REL-002/mixed" Service Fail "every fifth record is text"
    CaioRel003Missing "CAIO-REL-003/missing" Service Fail "there are no metrics"
    CaioRel003InvalidFormat "CAIO-REL-003/invalid-format" Service Fail "the metrics have the same series twice"
    CaioRel003FrozenCounter "CAIO-REL-003/frozen-counter" Service Fail "the request counter stands still"
    CaioRel003NotScraped "CAIO-REL-003/not-scraped" Monitoring Fail "Prometheus has no target for the service"
    CaioRel004NeverFires "CAIO-REL-004/never-fires" Service Fail "a breach raises no alert"
    CaioRel004AlwaysFires "CAIO-REL-004/always-fires" Service Fail "the alert fires without a breach"
    CaioRel004NeverClears "CAIO-REL-004/never-clears" Service Fail "the alert goes on after the breach is over"
    CaioRel004NoSecurityRule "CAIO-REL-004/no-security-rule" Monitoring Fail "no alerting rule is about authentication"
    CaioRel005Missing "CAIO-REL-005/missing" Fixture Fail "there is no backup plan"
    CaioRel005NoRestoreSteps "CAIO-REL-005/no-restore-steps" Fixture Fail "the backup plan does not say how to restore"
    CaioRel005StaleTest "CAIO-REL-005/stale-test" Fixture Fail "the last restore was tested 200 days ago"
    CaioRel006Missing "CAIO-REL-006/missing" Fixture Fail "there are no runbooks"
    CaioRel006EmptyFile "CAIO-REL-006/empty-file" Fixture Fail "a runbook is empty"
    CaioRel006DeadRunbookUrl "CAIO-REL-006/dead-runbook-url" Fixture Fail "an alert leads to a runbook that is not there"

    CaioPerf001NoLimit "CAIO-PERF-001/no-limit" Fixture Fail "the containers have no limits"
    CaioPerf001OneContainerMissing "CAIO-PERF-001/one-container-missing" Fixture Fail "one container has no memory limit"
    CaioPerf001CgroupUnlimited "CAIO-PERF-001/cgroup-unlimited" Fixture Fail "the running process has no memory limit"
    CaioPerf002SingleReplica "CAIO-PERF-002/single-replica" Fixture Fail "there is one replica"
    CaioPerf002NoHpa "CAIO-PERF-002/no-hpa" Fixture Fail "nothing scales the service"
    CaioPerf002MinEqualsMax "CAIO-PERF-002/min-equals-max" Fixture Warn "the autoscaler has no room"
    CaioPerf003Missing "CAIO-PERF-003/missing" Env Fail "CAIO_REGISTRY_SIZE is not set"
    CaioPerf003TooSmall "CAIO-PERF-003/too-small" Env Fail "CAIO_REGISTRY_SIZE hardly holds what is registered"
    CaioPerf003NotANumber "CAIO-PERF-003/not-a-number" Env Fail "CAIO_REGISTRY_SIZE is a word"
    CaioPerf003Ignored "CAIO-PERF-003/ignored" Service Fail "the registry drops services from the 17th on, whatever its size"
    CaioPerf004Missing "CAIO-PERF-004/missing" Env Fail "CAIO_CONTRACT_CACHE_TTL is not set"
    CaioPerf004Zero "CAIO-PERF-004/zero" Env Fail "CAIO_CONTRACT_CACHE_TTL is 0"
    CaioPerf004Ignored "CAIO-PERF-004/ignored" Service Fail "contracts are not cached"
    CaioPerf004NeverExpires "CAIO-PERF-004/never-expires" Service Fail "a cached contract is kept for ever"
    CaioPerf005NoHistogram "CAIO-PERF-005/no-histogram" Service Fail "latency is not measured"
    CaioPerf005P99Missing "CAIO-PERF-005/p99-missing" Monitoring Fail "no rule records the P99"
    CaioPerf005AveragesOnly "CAIO-PERF-005/averages-only" Service Fail "latency has a sum and a count, and no buckets"
    CaioPerf005Breached "CAIO-PERF-005/breached" Service Fail "orchestration takes 700 ms longer"

    CaioOps001Missing "CAIO-OPS-001/missing" Env Fail "CAIO_ENV is not set"
    CaioOps001Development "CAIO-OPS-001/development" Env Fail "CAIO_ENV is development"
    CaioOps001InvalidAccepted "CAIO-OPS-001/invalid-accepted" Service Fail "the service starts with values that make no sense"
    CaioOps002UndocumentedVar "CAIO-OPS-002/undocumented-var" Fixture Fail "a variable is set and not documented"
    CaioOps002DocumentedUnused "CAIO-OPS-002/documented-unused" Fixture Fail "a variable is documented and set nowhere"
    CaioOps002EnvironmentDrift "CAIO-OPS-002/environment-drift" Fixture Fail "staging has another value where all are to be the same"
    CaioOps003Missing "CAIO-OPS-003/missing" Attestation NotVerified "nobody says that a rollback was rehearsed"
    CaioOps003Expired "CAIO-OPS-003/expired" Attestation NotVerified "the rehearsal is out of date"
    CaioOps003WrongScope "CAIO-OPS-003/wrong-scope" Attestation NotVerified "the statement is about an older text"
    CaioOps004Missing "CAIO-OPS-004/missing" Attestation NotVerified "nobody says that somebody is on call"
    CaioOps004Expired "CAIO-OPS-004/expired" Attestation NotVerified "the statement about the rota is out of date"
    CaioOps004RotaGap "CAIO-OPS-004/rota-gap" Attestation NotVerified "the rota begins after today"
    CaioOps005Missing "CAIO-OPS-005/missing" Fixture Fail "there is no recovery plan"
    CaioOps005Untested "CAIO-OPS-005/untested" Fixture Fail "the recovery plan was never tested"
    CaioOps005RtoExceeded "CAIO-OPS-005/rto-exceeded" Fixture Fail "the tested recovery took longer than its target"
    CaioOps006DeadLink "CAIO-OPS-006/dead-link" Fixture Fail "a document leads to a runbook that is not there"
    CaioOps006EmptyTarget "CAIO-OPS-006/empty-target" Fixture Fail "a document leads to a runbook without a word in it"
    CaioOps006NoneReferenced "CAIO-OPS-006/none-referenced" Fixture Fail "no document leads to a runbook"
}
