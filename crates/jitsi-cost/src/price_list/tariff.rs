//! The prices of a product, put in order.

use rust_decimal::Decimal;

use super::ListError;
use super::file::{Dimension, Term};
use crate::price::Step;
use crate::usd::Usd;

/// A price from some quantity to another.
#[derive(Clone, Copy)]
struct Tier {
    from: u32,
    /// `None`: without end.
    to: Option<u32>,
    usd: Usd,
}

/// The prices of a product from the first unit on, without gaps between them.
pub(super) struct Tariff(Vec<Tier>);

/// What a product costs, as a [`crate::Price`] has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    /// The first price that is not zero.
    pub(super) usd: Usd,
    /// From how many units on another price holds, what is free at the start left out; empty where one price holds for all.
    pub(super) steps: Vec<Step>,
}

impl Tariff {
    /// The prices of a term of the product with this usage type, whatever their order.
    ///
    /// # Errors
    /// A price or a range is none, or the ranges do not follow each other from 0 on.
    pub(super) fn of(usage: &str, term: &Term<'_>) -> Result<Self, ListError> {
        let tiers: Result<Vec<Tier>, _> = term.dimensions.values().map(|one| tier(usage, one)).collect();
        let mut tiers = tiers?;
        tiers.sort_by_key(|tier| tier.from);
        let follow = tiers.is_sorted_by(|tier, next| tier.to == Some(next.from) && tier.from < next.from);
        if !follow || tiers.first().is_none_or(|first| first.from != 0) {
            return Err(ListError::Gap(usage.to_owned()));
        }
        Ok(Self(tiers))
    }

    /// What is charged after `free` units that cost nothing. `None`: it costs nothing at all.
    ///
    /// # Errors
    /// The ranges end somewhere, or one is too large with the free units.
    pub(super) fn after(&self, usage: &str, free: u32) -> Result<Option<Charge>, ListError> {
        if self.0.last().is_some_and(|last| last.to.is_some()) {
            return Err(ListError::Gap(usage.to_owned()));
        }
        let paid: Vec<&Tier> = self.0.iter().skip_while(|tier| tier.usd == Usd::ZERO).collect();
        let Some(first) = paid.first() else {
            return Ok(None);
        };
        let step = |tier: &&Tier| {
            let from = tier.from.checked_add(free);
            from.map(|from| Step { from, usd: tier.usd })
                .ok_or_else(|| ListError::Range(usage.to_owned(), tier.from.to_string()))
        };
        let steps: Vec<Step> = paid.iter().map(step).collect::<Result<_, _>>()?;
        let same_for_all = matches!(steps.as_slice(), [only] if only.from == 0);
        Ok(Some(Charge {
            usd: first.usd,
            steps: if same_for_all { Vec::new() } else { steps },
        }))
    }

    /// How many units are free, where it is a price of nothing up to there. `None`: it is something else.
    pub(super) fn allowance(&self) -> Option<u32> {
        match self.0.as_slice() {
            [only] if only.usd == Usd::ZERO => only.to,
            _ => None,
        }
    }

    /// Whether its first units are free.
    pub(super) fn starts_free(&self) -> bool {
        self.0.first().is_some_and(|first| first.usd == Usd::ZERO)
    }
}

fn tier(usage: &str, dimension: &Dimension<'_>) -> Result<Tier, ListError> {
    let units = |text: &str| {
        let whole = text.parse::<u32>();
        whole.map_err(|_| ListError::Range(usage.to_owned(), text.to_owned()))
    };
    let Some(text) = dimension.amounts.get("USD") else {
        let found: Vec<&str> = dimension.amounts.keys().copied().collect();
        return Err(ListError::Currency(usage.to_owned(), found.join(", ")));
    };
    let amount = Decimal::from_str_exact(text).ok();
    let amount = amount.filter(|amount| !amount.is_sign_negative());
    let amount = amount.ok_or_else(|| ListError::Amount(usage.to_owned(), text.clone().into_owned()))?;
    Ok(Tier {
        from: match dimension.begin.as_ref() {
            "" => 0,
            text => units(text)?,
        },
        to: match dimension.end.as_ref() {
            "" | "Inf" => None,
            text => Some(units(text)?),
        },
        usd: Usd::of(amount.normalize()),
    })
}
