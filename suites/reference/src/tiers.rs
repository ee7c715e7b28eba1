//! Tiers and what each of them may use. The figures are those that the Kamiyo checklist states
//! (RT-FREE, RT-PRO, RT-TEAM and RT-ENT rows) and the only place in the crate that holds them.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// A tier of customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Without a key; limited by address.
    Free,
    /// The smallest paid tier.
    Pro,
    /// Adds watchlists.
    Team,
    /// Adds custom integrations; no hour and day limits.
    Enterprise,
}

/// A window of the limiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
}

/// Requests allowed in each window; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute.
    pub minute: Option<u32>,
    /// Requests an hour.
    pub hour: Option<u32>,
    /// Requests a day.
    pub day: Option<u32>,
}

impl Tier {
    /// All tiers, the smallest first.
    pub const ALL: [Tier; 4] = [Tier::Free, Tier::Pro, Tier::Team, Tier::Enterprise];

    /// The name on the wire: `free`, `pro`, `team`, `enterprise`.
    pub fn as_str(self) -> &'static str {
        match self {
            Tier::Free => "free",
            Tier::Pro => "pro",
            Tier::Team => "team",
            Tier::Enterprise => "enterprise",
        }
    }

    /// The request limits of the tier.
    pub fn limits(self) -> Limits {
        let limits = |minute, hour, day| Limits {
            minute: Some(minute),
            hour,
            day,
        };
        match self {
            Tier::Free => limits(10, Some(100), Some(500)),
            Tier::Pro => limits(35, Some(2_083), Some(50_000)),
            Tier::Team => limits(70, Some(4_167), Some(100_000)),
            Tier::Enterprise => limits(1_000, None, None),
        }
    }

    /// How many webhooks an account may have.
    pub fn webhooks(self) -> usize {
        match self {
            Tier::Free => 0,
            Tier::Pro => 2,
            Tier::Team => 5,
            Tier::Enterprise => 50,
        }
    }

    /// Whether the tier has watchlists.
    pub fn has_watchlists(self) -> bool {
        self >= Tier::Team
    }

    /// Whether the tier has custom integrations.
    pub fn has_custom_integrations(self) -> bool {
        self == Tier::Enterprise
    }

    /// How old a row must be before the tier sees it.
    pub fn data_delay(self) -> Duration {
        match self {
            Tier::Free => Duration::from_secs(24 * 60 * 60),
            _ => Duration::ZERO,
        }
    }
}

impl Window {
    /// All windows, the shortest first.
    pub const ALL: [Window; 3] = [Window::Minute, Window::Hour, Window::Day];

    /// The name on the wire: `minute`, `hour`, `day`.
    pub fn as_str(self) -> &'static str {
        match self {
            Window::Minute => "minute",
            Window::Hour => "hour",
            Window::Day => "day",
        }
    }

    /// The window's length in seconds.
    pub fn seconds(self) -> i64 {
        match self {
            Window::Minute => 60,
            Window::Hour => 60 * 60,
            Window::Day => 24 * 60 * 60,
        }
    }
}

impl Limits {
    /// The limit of one window.
    pub fn of(&self, window: Window) -> Option<u32> {
        match window {
            Window::Minute => self.minute,
            Window::Hour => self.hour,
            Window::Day => self.day,
        }
    }

    /// Changes the limit of one window.
    pub(crate) fn set(&mut self, window: Window, limit: Option<u32>) {
        match window {
            Window::Minute => self.minute = limit,
            Window::Hour => self.hour = limit,
            Window::Day => self.day = limit,
        }
    }
}

macro_rules! shown_by_name {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

shown_by_name!(Tier Window);
