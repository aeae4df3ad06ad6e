//! The form of the price list's files: only what is read of them, borrowed from the text where that is possible.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

/// An offer in a region.
#[derive(Deserialize)]
pub(super) struct OfferFile<'a> {
    /// Which offer.
    #[serde(borrow, rename = "offerCode")]
    pub(super) code: Cow<'a, str>,
    /// What is offered, by SKU.
    #[serde(borrow)]
    pub(super) products: HashMap<&'a str, Product<'a>>,
    /// At what prices.
    #[serde(borrow)]
    pub(super) terms: Terms<'a>,
}

/// Something that is offered.
#[derive(Deserialize)]
pub(super) struct Product<'a> {
    /// `Data Transfer`; not every product has one.
    #[serde(borrow, default, rename = "productFamily")]
    pub(super) family: Cow<'a, str>,
    /// What it is.
    #[serde(borrow)]
    pub(super) attributes: Attributes<'a>,
}

/// What a product is; empty where it does not say so.
#[derive(Deserialize)]
pub(super) struct Attributes<'a> {
    /// `USW2-LoadBalancerUsage`.
    #[serde(borrow, default, rename = "usagetype")]
    pub(super) usage: Cow<'a, str>,
    /// `LoadBalancing:Network`.
    #[serde(borrow, default)]
    pub(super) operation: Cow<'a, str>,
    /// `us-west-2`.
    #[serde(borrow, default, rename = "regionCode")]
    pub(super) region: Cow<'a, str>,
    /// The same, of a data transfer.
    #[serde(borrow, default, rename = "fromRegionCode")]
    pub(super) from_region: Cow<'a, str>,
    /// `AWS Outbound`.
    #[serde(borrow, default, rename = "transferType")]
    pub(super) transfer: Cow<'a, str>,
    /// `Standard`.
    #[serde(borrow, default, rename = "volumeType")]
    pub(super) volume: Cow<'a, str>,
    /// `Windows`.
    #[serde(borrow, default, rename = "operatingSystem")]
    pub(super) system: Cow<'a, str>,
}

/// The prices of an offer.
#[derive(Deserialize)]
pub(super) struct Terms<'a> {
    /// Those without a commitment, by SKU and by term.
    #[serde(borrow, default, rename = "OnDemand")]
    pub(super) on_demand: HashMap<&'a str, BTreeMap<&'a str, Term<'a>>>,
}

/// A price of a product.
#[derive(Deserialize)]
pub(super) struct Term<'a> {
    /// What of it holds from where to where; in no order.
    #[serde(borrow, rename = "priceDimensions")]
    pub(super) dimensions: BTreeMap<&'a str, Dimension<'a>>,
}

/// A price from some quantity to another.
#[derive(Deserialize)]
pub(super) struct Dimension<'a> {
    /// For what it is: `Hrs`.
    #[serde(borrow)]
    pub(super) unit: Cow<'a, str>,
    /// From how many units on; empty where it does not say so, from the first.
    #[serde(borrow, default, rename = "beginRange")]
    pub(super) begin: Cow<'a, str>,
    /// Up to how many units, or `Inf`; empty where it does not say so, without end.
    #[serde(borrow, default, rename = "endRange")]
    pub(super) end: Cow<'a, str>,
    /// By currency, as decimal digits.
    #[serde(borrow, rename = "pricePerUnit")]
    pub(super) amounts: BTreeMap<&'a str, Cow<'a, str>>,
}

/// The index of an offer's regions.
#[derive(Deserialize)]
pub(super) struct RegionIndex<'a> {
    /// By the region's name.
    #[serde(borrow)]
    pub(super) regions: HashMap<&'a str, IndexedRegion<'a>>,
}

/// A region of an index.
#[derive(Deserialize)]
pub(super) struct IndexedRegion<'a> {
    /// Where the offer's file of it is, `/offers/v1.0/aws/AmazonECS/20260828/us-west-2/index.json`.
    #[serde(borrow, rename = "currentVersionUrl")]
    pub(super) url: Cow<'a, str>,
}
