//! Prices and arithmetic of money: what a platform costs an hour.
//!
//! [`PriceTable::hourly_cost`] takes a region and what is [`Running`] there, and gives an [`HourlyCost`]: lines, a total, and
//! by name what of it could not be priced. **Unknown is not zero**: a price that the table does not have is absent, and a
//! total without it is "at least".
//!
//! What depends on traffic comes on top and is in no total, because it cannot be told from what exists: capacity units of the
//! load balancer (NLCU), data transfer to the internet and between zones. Neither are storage, logs and taxes.
//!
//! This crate calls no AWS, does no I/O and has no clock.

mod hourly;
mod item;
mod price;
mod running;
mod table;
mod total;
mod usd;

pub use hourly::{HourlyCost, Line, Unknown};
pub use item::{Item, Unit};
pub use price::{Grade, Price, PriceTable, Source};
pub use running::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Running, Task};
pub use total::{HOURS_PER_MONTH, Total};
pub use usd::Usd;
