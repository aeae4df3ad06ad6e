//! What is paid also in a month without a session.

use jitsi_config::{Platform, Quantity};
use jitsi_cost::{Amounts, Item};
use rust_decimal::Decimal;

/// What there is all the time; `None`: nobody has said how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Idle {
    pub(crate) storage_gb: Option<Decimal>,
    pub(crate) archive_gb: Decimal,
    pub(crate) log_gb: Option<Decimal>,
    pub(crate) secrets: Option<Decimal>,
    /// Whether the platform has a hosted zone. Parameters of SSM are free.
    pub(crate) hosted_zones: u32,
}

impl Idle {
    /// As the configuration says.
    pub(crate) fn of(platform: &Platform) -> Self {
        let money = &platform.money;
        let number = |quantity: &Option<Quantity>| quantity.as_ref()?.as_str().parse().ok();
        Self {
            storage_gb: number(&money.storage_gb),
            archive_gb: Decimal::ZERO,
            log_gb: number(&money.log_gb),
            secrets: number(&money.secrets),
            hosted_zones: u32::from(platform.dns.is_some()),
        }
    }

    /// For a whole month.
    pub(crate) fn amounts(&self) -> Amounts {
        let mut amounts = Amounts::default();
        let known = [
            (Item::ObjectStorage, self.storage_gb, "cost.storage_gb"),
            (Item::LogStorage, self.log_gb, "cost.log_gb"),
            (Item::Secret, self.secrets, "cost.secrets"),
        ];
        for (item, quantity, key) in known {
            match quantity {
                Some(quantity) => amounts.add(item, quantity),
                None => amounts.add_unknown(
                    item.to_string(),
                    &format!("how much is kept is not known; `{key}` says it"),
                ),
            }
        }
        amounts.add(Item::ArchiveStorage, self.archive_gb);
        amounts.extend(&self.zones());
        amounts
    }

    /// For the part of a month that is over, from 0 to 1. Zones are paid for the whole month when it begins.
    pub(crate) fn so_far(&self, elapsed: Decimal) -> Amounts {
        let mut amounts = self.by_time(elapsed);
        if !elapsed.is_zero() {
            amounts.extend(&self.zones());
        }
        amounts
    }

    /// What is paid by the time, for a part of a month from 0 to 1.
    pub(crate) fn by_time(&self, part: Decimal) -> Amounts {
        if part.is_zero() {
            return Amounts::default();
        }
        let without = Self {
            hosted_zones: 0,
            ..*self
        };
        without.amounts().times(part)
    }

    /// The zones, for a whole month.
    fn zones(&self) -> Amounts {
        let mut amounts = Amounts::default();
        amounts.add(Item::HostedZone, self.hosted_zones.into());
        amounts
    }
}
