//! Prices and arithmetic of money: what a platform costs an hour, and what a month of it has cost.
//!
//! [`PriceBook::hourly_cost`] takes a region and what is [`Running`] there, and gives an [`HourlyCost`]: lines, a total, and
//! by name what of it could not be priced. **Unknown is not zero**: a price that the table does not have is absent, and a
//! total without it is "at least".
//!
//! What depends on traffic comes on top and is in no total, because it cannot be told from what exists: capacity units of the
//! load balancer (NLCU), data transfer to the internet and between zones. Neither are storage, logs and taxes.
//!
//! [`Amounts`] adds up what was used over times, as AWS rounds it, and [`PriceBook::cost`] gives what that costs.
//!
//! [`price_list`] reads the prices out of the files of AWS's public price list.
//!
//! This crate calls no AWS, does no I/O and has no clock.

mod amounts;
mod book;
mod cost;
mod item;
mod price;
pub mod price_list;
mod running;
mod sheet;
mod table;
mod total;
mod usd;

pub use amounts::{Amounts, Span, Unknown};
pub use book::{Layer, PriceBook};
pub use cost::{Cost, CostLine, HourlyCost, Line};
pub use item::{Item, Per, Unit};
pub use price::{Grade, Price, Source, Step};
pub use running::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Running, Task};
pub use sheet::{Named, Sheet, Unpriced, Written};
pub use total::{HOURS_PER_MONTH, Total};
pub use usd::Usd;
