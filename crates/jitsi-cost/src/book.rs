//! Sheets of prices one above the other: what somebody has configured, what was fetched, what is compiled in.

use serde::Serialize;

use crate::item::Item;
use crate::price::Price;
use crate::sheet::Sheet;

/// From which sheet a price comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// `[prices]` of the configuration.
    Configuration,
    /// What `cost-analysis prices update` has fetched from AWS's price list.
    Fetched,
    /// What is compiled in.
    BuiltIn,
}

impl Layer {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Fetched => "fetched",
            Self::BuiltIn => "built in",
        }
    }
}

/// All prices that are known, each from the strongest sheet that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBook {
    /// The strongest first.
    sheets: Vec<(Layer, Sheet)>,
}

impl Default for PriceBook {
    fn default() -> Self {
        Self::built_in()
    }
}

impl PriceBook {
    /// Only what is compiled in.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            sheets: vec![(Layer::BuiltIn, Sheet::built_in())],
        }
    }

    /// With these above what is compiled in.
    #[must_use]
    pub fn new(configured: Option<Sheet>, fetched: Option<Sheet>) -> Self {
        let above = [(Layer::Configuration, configured), (Layer::Fetched, fetched)];
        let above = above.into_iter().filter_map(|(layer, sheet)| Some((layer, sheet?)));
        Self {
            sheets: above.chain([(Layer::BuiltIn, Sheet::built_in())]).collect(),
        }
    }

    /// Only this sheet, as if it were configured and nothing else were known.
    #[must_use]
    pub fn only(sheet: Sheet) -> Self {
        Self {
            sheets: vec![(Layer::Configuration, sheet)],
        }
    }

    /// The price of one unit, and from where. `None`: not known, which is not zero.
    #[must_use]
    pub fn price(&self, region: &str, item: Item) -> Option<(Layer, &Price)> {
        self.sheets
            .iter()
            .find_map(|(layer, sheet)| Some((*layer, sheet.price(region, item)?)))
    }

    /// The day of the strongest sheet below the configuration that has prices of `region`.
    #[must_use]
    pub fn as_of(&self, region: &str) -> &str {
        let has = |sheet: &Sheet| sheet.regions().any(|name| name == region);
        let dated = self.sheets.iter().filter(|(layer, _)| *layer != Layer::Configuration);
        let found = dated.clone().find(|(_, sheet)| has(sheet));
        found
            .or_else(|| self.sheets.last())
            .map_or("", |(_, sheet)| sheet.as_of())
    }

    /// The regions of which it has prices, each once, in the order of their names.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        let mut regions: Vec<&str> = self.sheets.iter().flat_map(|(_, sheet)| sheet.regions()).collect();
        regions.sort_unstable();
        regions.dedup();
        regions
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::Grade;
    use crate::sheet::Written;

    fn sheet(item: Item, usd: &str) -> Sheet {
        let mut sheet = Sheet::new("2026-11-27");
        let written = Written {
            item: item.name().to_owned(),
            usd: Some(usd.to_owned()),
            unit: Some(item.measure()),
            ..Written::default()
        };
        sheet.add("us-west-2", &written, Grade::Stated).unwrap();
        sheet
    }

    #[test]
    fn the_strongest_sheet_that_has_a_price_counts() {
        let configured = sheet(Item::PublicAddress, "0.001");
        let mut fetched = sheet(Item::PublicAddress, "0.002");
        let balancer = sheet(Item::NetworkLoadBalancer, "0.03");
        let price = balancer.price("us-west-2", Item::NetworkLoadBalancer).unwrap();
        fetched.set("us-west-2", Item::NetworkLoadBalancer, price.clone());
        let book = PriceBook::new(Some(configured), Some(fetched));
        let of = |item| {
            let (layer, price) = book.price("us-west-2", item)?;
            Some((layer, price.usd.to_string()))
        };
        assert_eq!(
            of(Item::PublicAddress),
            Some((Layer::Configuration, "$0.001".to_owned()))
        );
        assert_eq!(
            of(Item::NetworkLoadBalancer),
            Some((Layer::Fetched, "$0.03".to_owned()))
        );
        assert_eq!(of(Item::FargateX86Vcpu), Some((Layer::BuiltIn, "$0.04048".to_owned())));
        assert_eq!(of(Item::ArchiveStorage), None);
        assert_eq!(book.as_of("us-west-2"), "2026-11-27");
        assert_eq!(book.as_of("eu-west-1"), Sheet::built_in().as_of());
    }
}
