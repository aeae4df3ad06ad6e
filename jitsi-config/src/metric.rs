//! The CloudWatch metric that counts meetings: namespace, name and dimensions.
//!
//! Their form is checked here; whether anybody publishes the metric only CloudWatch can say. The lengths and characters are
//! those of its API reference (`Metric`, `Dimension`) and of "Namespaces" in its user guide. One rule is ours: no blanks at
//! either end, because they are invisible where such a name is typed or shown.

use std::fmt;
use std::str::FromStr;

use crate::problem::Malformed;
use crate::text_type::text_type;

/// The most dimensions that a metric can have.
pub const MAX_DIMENSIONS: usize = 30;

/// Which metric tells how many meetings are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardMetric {
    /// In which namespace it is published.
    pub namespace: MetricNamespace,
    /// Its name.
    pub metric: MetricName,
    /// All of its dimensions, because a metric with others is another metric: 0 to [`MAX_DIMENSIONS`], with distinct names,
    /// in the order of the configuration.
    pub dimensions: Vec<Dimension>,
}

text_type! {
    /// A namespace of CloudWatch: 1 to 255 letters, digits, spaces and any of `.-_/#:`, not beginning with `:`.
    MetricNamespace, namespace
}
text_type! {
    /// The name of a metric: 1 to 255 printable ASCII characters.
    MetricName, metric_name
}

/// A dimension of a metric. Written `Name=Value`; the first `=` divides, so a name cannot hold one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// 1 to 255 printable ASCII characters, not beginning with `:`.
    pub name: String,
    /// 1 to 1024 printable ASCII characters.
    pub value: String,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

impl FromStr for Dimension {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: &str = "a dimension such as `Stage=prod`: a name of 1 to 255 and a value of 1 to 1024 printable \
                                ASCII characters, the name not beginning with `:`";
        let is_dimension =
            |name: &str, value: &str| is_printable(name, 255) && !name.starts_with(':') && is_printable(value, 1024);
        let Some((name, value)) = text.split_once('=') else {
            return Err(Malformed::new(EXPECTED));
        };
        if is_dimension(name, value) {
            let (name, value) = (name.to_owned(), value.to_owned());
            return Ok(Self { name, value });
        }
        let (name, value) = (name.trim(), value.trim());
        let hint = is_dimension(name, value).then(|| format!("write `{name}={value}`"));
        Err(Malformed::hinting(EXPECTED, hint))
    }
}

fn namespace(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "a CloudWatch namespace such as `Jitsi/JVB`: 1 to 255 letters, digits, spaces and any of \
                            `.-_/#:`, not beginning with `:`";
    let legal = |b: u8| b.is_ascii_alphanumeric() || b" .-_/#:".contains(&b);
    if is_printable(text, 255) && text.bytes().all(legal) && !text.starts_with(':') {
        return Ok(text.to_owned());
    }
    Err(Malformed::new(EXPECTED))
}

fn metric_name(text: &str) -> Result<String, Malformed> {
    if is_printable(text, 255) {
        return Ok(text.to_owned());
    }
    Err(Malformed::new(
        "the name of a CloudWatch metric such as `JVBConferenceCount`: 1 to 255 printable ASCII characters",
    ))
}

fn is_printable(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_namespace_has_the_characters_of_cloudwatch_and_no_colon_before_them() {
        let longest = "n".repeat(255);
        for good in ["Jitsi/JVB", "AWS/ECS", "a:b", "My club #2_x.y-z", &longest] {
            assert_eq!(good.parse::<MetricNamespace>().expect(good).as_str(), good);
        }
        let too_long = "n".repeat(256);
        for bad in ["", " ", ":a", " a", "a ", "a\n", "a*", "Jitsi\\JVB", "ä", &too_long] {
            assert!(bad.parse::<MetricNamespace>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_metric_name_is_printable_ascii() {
        let longest = "m".repeat(255);
        for good in ["JVBConferenceCount", "jitsi.jvb (conferences)", ":a", &longest] {
            assert_eq!(good.parse::<MetricName>().expect(good).as_str(), good);
        }
        let too_long = "m".repeat(256);
        for bad in ["", " ", " a", "a\t", "a\u{7f}", "Zähler", &too_long] {
            assert!(bad.parse::<MetricName>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_dimension_is_a_name_and_a_value() {
        let dimension: Dimension = "Query=a=b c".parse().unwrap();
        assert_eq!((dimension.name.as_str(), dimension.value.as_str()), ("Query", "a=b c"));
        let longest = format!("{}={}", "n".repeat(255), "v".repeat(1024));
        assert_eq!(longest.parse::<Dimension>().unwrap().to_string(), longest);
        let long_name = format!("{}=v", "n".repeat(256));
        let long_value = format!("n={}", "v".repeat(1025));
        for bad in [
            "",
            "Stage",
            "=",
            "=prod",
            "Stage=",
            ":Stage=prod",
            "Stage=prod\n",
            "Bühne=a",
            &long_name,
            &long_value,
        ] {
            assert!(bad.parse::<Dimension>().is_err(), "{bad} was accepted");
        }
        let wrong = "Stage = prod".parse::<Dimension>().unwrap_err();
        assert_eq!(wrong.hint.as_deref(), Some("write `Stage=prod`"));
    }

    proptest! {
        #[test]
        fn a_dimension_survives_being_written_and_read(name in "[!-9;<>-~]([ -<>-~]{0,20}[!-<>-~])?", value in "[!-~]([ -~]{0,20}[!-~])?") {
            prop_assert_eq!(format!("{name}={value}").parse(), Ok(Dimension { name, value }));
        }
    }
}
