//! Amounts of money, exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};

use rust_decimal::{Decimal, RoundingStrategy};
use serde::ser::{Error, Serialize, Serializer};

/// Digits after the point in an amount per hour: a hundredth of a cent.
const HOURLY_DIGITS: u32 = 4;
/// Digits after the point in an amount per month: a cent.
const MONTHLY_DIGITS: u32 = 2;
/// Digits after the point in JSON; as many as AWS's finest price here has.
const JSON_DIGITS: u32 = 6;

/// US dollars: the currency of AWS's prices, before tax. Exact: nothing is rounded before it is shown.
///
/// Displayed with all its digits, at least two: `$0.04048`, `$0.10`; `{:.4}` rounds to four. In JSON it is a number,
/// because that is what programs calculate with, rounded to six digits after the point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(Decimal);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// An amount as AWS writes it, `0.04048`: digits and at most one point. For constants: what is none does not compile.
    pub(crate) const fn written(text: &str) -> Self {
        let bytes = text.as_bytes();
        assert!(!bytes.is_empty(), "an amount has digits");
        let (mut digits, mut scale, mut point) = (0_u32, 0, false);
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'.' if !point => point = true,
                digit @ b'0'..=b'9' => {
                    digits = digits * 10 + (digit - b'0') as u32;
                    scale += point as u32;
                }
                _ => panic!("an amount has digits and one point"),
            }
            at += 1;
        }
        Self(Decimal::from_parts(digits, 0, 0, false, scale))
    }

    /// So many dollars.
    #[must_use]
    pub fn of(amount: Decimal) -> Self {
        Self(amount)
    }

    /// How many dollars.
    #[must_use]
    pub fn amount(self) -> Decimal {
        self.0
    }

    /// Rounded to `digits` after the point; a half goes away from zero.
    #[must_use]
    pub fn rounded(self, digits: u32) -> Self {
        Self(round(self.0, digits))
    }

    /// As an amount per hour is shown, to a hundredth of a cent: `$0.2350`.
    #[must_use]
    pub fn hourly_text(self) -> String {
        format!("{self:.0$}", HOURLY_DIGITS as usize)
    }

    /// As an amount per month is shown, to the cent: `$171.54`.
    #[must_use]
    pub fn monthly_text(self) -> String {
        format!("{self:.0$}", MONTHLY_DIGITS as usize)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = self.0.normalize();
        let digits = f.precision().unwrap_or_else(|| exact.scale().max(2) as usize);
        // Decimal's own precision cuts off instead of rounding.
        let shown = u32::try_from(digits).map_or(exact, |digits| round(exact, digits));
        let text = format!("${:.digits$}", shown.abs());
        f.pad_integral(shown.is_sign_positive() || shown.is_zero(), "", &text)
    }
}

impl fmt::Debug for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        as_number(&self.0, serializer)
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl Mul<Decimal> for Usd {
    type Output = Self;

    fn mul(self, times: Decimal) -> Self {
        Self(self.0 * times)
    }
}

impl Mul<u32> for Usd {
    type Output = Self;

    fn mul(self, times: u32) -> Self {
        self * Decimal::from(times)
    }
}

/// Writes a JSON number of at most six digits after the point: the double that is nearest to it, which is printed with
/// just these digits again.
pub(crate) fn as_number<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let text = round(*value, JSON_DIGITS).to_string();
    let number: f64 = text.parse().map_err(S::Error::custom)?;
    serializer.serialize_f64(number)
}

fn round(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        Usd(text.parse().unwrap())
    }

    #[test]
    fn an_amount_is_shown_exactly_unless_fewer_digits_are_asked_for() {
        for (amount, shown) in [
            ("0", "$0.00"),
            ("0.1", "$0.10"),
            ("0.23050", "$0.2305"),
            ("0.000111", "$0.000111"),
            ("1234.5", "$1234.50"),
            ("-0.5", "-$0.50"),
        ] {
            assert_eq!(usd(amount).to_string(), shown);
        }
        assert_eq!(format!("{:>9.2}|", usd("1.005")), "    $1.01|");
    }

    #[test]
    fn an_hour_is_shown_to_four_digits_and_a_month_to_two() {
        for (amount, hourly, monthly) in [
            ("0.23498", "$0.2350", "$0.23"),
            ("0.00005", "$0.0001", "$0.00"),
            ("171.5354", "$171.5354", "$171.54"),
            ("0.005", "$0.0050", "$0.01"),
            ("-0.001", "-$0.0010", "$0.00"),
        ] {
            let amount = usd(amount);
            assert_eq!(
                (amount.hourly_text(), amount.monthly_text()),
                (hourly.into(), monthly.into())
            );
        }
        assert_eq!(usd("0.125").rounded(2), usd("0.13"));
    }

    #[test]
    fn sums_are_exact() {
        // In doubles, ten times 0.1 is 0.9999999999999999.
        assert_eq!((0..10).map(|_| usd("0.1")).sum::<Usd>(), usd("1"));
        assert_eq!(usd("0.004445") * 8, usd("0.03556"));
    }

    #[test]
    fn an_amount_is_a_json_number() {
        for (amount, json) in [
            ("0.23498", "0.23498"),
            ("0.000111", "0.000111"),
            ("0", "0.0"),
            ("171.5354", "171.5354"),
            ("0.1234565", "0.123457"),
        ] {
            assert_eq!(serde_json::to_string(&usd(amount)).unwrap(), json);
        }
    }

    #[test]
    fn an_amount_is_read_as_it_is_written() {
        assert_eq!(Usd::written("0.000111"), usd("0.000111"));
        assert_eq!(Usd::written("12"), usd("12"));
    }
}
