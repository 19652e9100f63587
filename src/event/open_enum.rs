//! Open enums: a value without a variant keeps its text, because Stripe may add values.

use std::{fmt, sync::Arc};

use crate::printable::printable;

/// The text of a value that has no variant.
///
/// Only parsing creates it, so that a value with a variant is always that variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unlisted(Arc<str>);

impl Unlisted {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text, as Stripe sent it. `Display` escapes its control characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text, with escapes for control characters, so that it fits into a line of a log.
impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&printable(&self.0))
    }
}

/// Whether names are sorted, as the binary search requires. Evaluated at compile time.
pub(super) const fn is_sorted(names: &[&str]) -> bool {
    let mut i = 1;
    while i < names.len() {
        if !is_less(names[i - 1].as_bytes(), names[i].as_bytes()) {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_less(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] < b[i];
        }
        i += 1;
    }
    a.len() < b.len()
}

/// Sorts aliases for the binary search, each with its index. Evaluated at compile time.
pub(super) const fn sorted<const N: usize>(aliases: &[&'static str]) -> [(&'static str, usize); N] {
    let mut sorted = [("", 0); N];
    let mut next = 0;
    while next < N {
        let mut at = next;
        while at > 0 && is_less(aliases[next].as_bytes(), sorted[at - 1].0.as_bytes()) {
            sorted[at] = sorted[at - 1];
            at -= 1;
        }
        assert!(
            at == 0 || is_less(sorted[at - 1].0.as_bytes(), aliases[next].as_bytes()),
            "an alias means one value"
        );
        sorted[at] = (aliases[next], next);
        next += 1;
    }
    sorted
}

/// Declares an enum of names, in sorted order, with a variant `Other` for any other name. A name
/// after `|` is an alias, such as the name in old API versions: it parses to the variant, which
/// prints its canonical name.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident => $text:literal $(| $alias:literal)*,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("(`", $text, "`)")]
                #[doc(alias = $text)]
                $(#[doc(alias = $alias)])*
                $variant,
            )*
            /// A value without a variant, such as one that Stripe added after this release.
            Other($crate::event::Unlisted),
        }

        impl $name {
            /// All values with a variant, sorted by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            const NAMES: &'static [&'static str] = {
                const NAMES: &[&str] = &[$($text,)*];
                assert!($crate::event::open_enum::is_sorted(NAMES), "the binary search requires sorted names");
                NAMES
            };

            /// The values that the aliases mean, in the order of their declaration.
            const ALIASED: &'static [Self] = &[$($({ let _ = $alias; Self::$variant },)*)*];

            /// The aliases, sorted, each with the index of its value.
            const ALIASES: &'static [(&'static str, usize)] = {
                const ALIASES: &[&str] = &[$($($alias,)*)*];
                &$crate::event::open_enum::sorted::<{ ALIASES.len() }>(ALIASES)
            };

            fn of_alias(text: &str) -> Option<Self> {
                let found = Self::ALIASES.binary_search_by_key(&text, |(alias, _)| alias).ok()?;
                Some(Self::ALIASED[Self::ALIASES[found].1].clone())
            }

            /// The value in JSON.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(other) => other.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match Self::NAMES.binary_search(&text) {
                    Ok(index) => Self::ALL[index].clone(),
                    Err(_) => Self::of_alias(text)
                        .unwrap_or_else(|| Self::Other($crate::event::Unlisted::new(text))),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        /// The value as Stripe writes it; with escapes for control characters, which only a value
        /// without a variant may have.
        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Other(other) => other.fmt(f),
                    _ => f.pad(self.as_str()),
                }
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        /// Whether the text parses to this value.
        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, text: &str) -> bool {
                self.as_str() == text || Self::of_alias(text).is_some_and(|value| value == *self)
            }
        }

        /// Whether the text parses to this value.
        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, text: &&str) -> bool {
                *self == **text
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                        Ok(text.into())
                    }
                }

                deserializer.deserialize_str(Text)
            }
        }
    };
}

pub(super) use open_enum;
