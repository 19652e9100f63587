//! Declarations of objects and of their values.

/// Declares a struct for a JSON object.
///
/// `named` gives the `object` value of an object that an event can be about.
///
/// Each field is read as follows:
///
/// - A `required` field must be present and of its type. Any other field has its default if it is
///   missing, `null` or of an unknown form.
/// - `as "name"` gives the JSON name where the field has another name.
/// - If a name occurs more than once, its last value counts.
///
/// `then` names a function that receives the decoded struct. It moves values of old API versions to
/// where newer versions have them, so that each field means the same in every version.
///
/// A link that is followed by `(name_id)` has an accessor `name_id` for its id, too.
///
/// A field that is marked `pub` has an accessor of its name, with its docs. The field itself is
/// visible to `object` only: the functions there may compute the value that an accessor returns,
/// and a later release may move it.
macro_rules! object {
    ($(#[$meta:meta])* pub struct $name:ident named $object:literal $(then $unify:path)? { $($fields:tt)* }) => {
        object!(@struct { $(#[$meta])* (pub) $name [$($unify)?] [$object] } {} $($fields)*);
        object!(@accessors $name {} $($fields)*);

        impl crate::event::object::Named for $name {
            const NAMES: &[&str] = &[$object];
        }
    };
    ($(#[$meta:meta])* pub struct $name:ident $(then $unify:path)? { $($fields:tt)* }) => {
        object!(@struct { $(#[$meta])* (pub) $name [$($unify)?] [] } {} $($fields)*);
        object!(@accessors $name {} $($fields)*);
    };
    ($(#[$meta:meta])* struct $name:ident $(then $unify:path)? { $($fields:tt)* }) => {
        object!(@struct { $(#[$meta])* () $name [$($unify)?] [] } {} $($fields)*);
    };

    // Collects each field as (visibility) name (JSON name) presence (type). Its docs belong to the
    // accessor.
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* pub $field:ident: required $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* (pub(super)) $field (stringify!($field)) required ($type) } $($rest)*);
    };
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* pub $field:ident ($id:ident): $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* (pub(super)) $field (stringify!($field)) optional ($type) } $($rest)*);
    };
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* pub $field:ident as $json:literal: $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* (pub(super)) $field ($json) optional ($type) } $($rest)*);
    };
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* pub $field:ident: $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* (pub(super)) $field (stringify!($field)) optional ($type) } $($rest)*);
    };
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* $field:ident as $json:literal: $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* () $field ($json) optional ($type) } $($rest)*);
    };
    (@struct $head:tt { $($done:tt)* } $(#[$meta:meta])* $field:ident: $type:ty, $($rest:tt)*) => {
        object!(@struct $head { $($done)* () $field (stringify!($field)) optional ($type) } $($rest)*);
    };
    (
        @struct { $(#[$meta:meta])* ($($vis:tt)*) $name:ident [$($unify:path)?] [$($object:literal)?] }
        { $(($($field_vis:tt)*) $field:ident ($($json:tt)*) $presence:ident ($type:ty))* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        $($vis)* struct $name { $($($field_vis)* $field: $type,)* }

        impl crate::event::object::lenient::Slots for $name {
            fn slot(&mut self, name: &str) -> Option<crate::event::object::lenient::Slot<'_>> {
                match name {
                    $($($json)* => Some(object!(@slot $presence self.$field)),)*
                    _ => None,
                }
            }

            fn required(&self) -> &'static [&'static str] {
                object!(@required {} $($presence ($($json)*))*)
            }

            $(fn unify(&mut self) {
                $unify(self);
            })?
        }

        impl crate::event::object::write::Views for $name {
            #[inline]
            #[allow(unused_variables, reason = "a struct may have no fields")]
            fn views(&self, each: &mut crate::event::object::write::EachEntry<'_>) {
                $(each("object", crate::event::object::write::View::Text($object));)?
                $(object!(@view ($($field_vis)*) each $presence self.$field, $($json)*);)*
            }
        }

        impl crate::event::object::lenient::Blank for $name {
            fn blank() -> Self {
                Self { $($field: crate::event::object::lenient::Blank::blank(),)* }
            }
        }

        impl crate::event::object::lenient::Element for $name {
            #[inline]
            fn slot(element: &mut Option<Self>) -> crate::event::object::lenient::Slot<'_> {
                crate::event::object::lenient::Slot::Object(element)
            }

            #[inline]
            fn view(&self) -> crate::event::object::write::View<'_> {
                crate::event::object::write::View::Object(self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::event::object::write::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut object = crate::event::object::lenient::Blank::blank();
                let read = crate::event::object::read::ReadObject(&mut object);
                serde::de::DeserializeSeed::deserialize(read, deserializer)?;
                Ok(object)
            }
        }
    };
    (@slot required $field:expr) => {
        crate::event::object::lenient::Slot::Required(&mut $field)
    };
    (@slot optional $field:expr) => {
        crate::event::object::lenient::Stored::slot(&mut $field)
    };
    (@view (pub(super)) $each:ident required $field:expr, $json:expr) => {
        $each($json, crate::event::object::lenient::Element::view(&$field))
    };
    (@view (pub(super)) $each:ident optional $field:expr, $json:expr) => {
        $each($json, crate::event::object::lenient::Stored::view(&$field))
    };
    // A field without an accessor, such as one that only old API versions have.
    (@view () $each:ident optional $field:expr, $json:expr) => {{
        let view = crate::event::object::lenient::Stored::view(&$field);
        if !view.is_blank() {
            $each($json, view);
        }
    }};
    (@required { $($name:expr,)* }) => { &[$($name),*] };
    (@required { $($name:expr,)* } required ($json:expr) $($rest:tt)*) => {
        object!(@required { $($name,)* $json, } $($rest)*)
    };
    (@required $names:tt optional $json:tt $($rest:tt)*) => {
        object!(@required $names $($rest)*)
    };

    // Collects each accessor as (docs) name access (returned type).
    (@accessors $name:ident { $($done:tt)* } $(#[$meta:meta])* pub $field:ident $(as $json:literal)?: required $($rest:tt)*) => {
        object!(@returned $name { $($done)* ($(#[$meta])*) $field } $($rest)*);
    };
    (@accessors $name:ident { $($done:tt)* } $(#[$meta:meta])* pub $field:ident ($id:ident): $($rest:tt)*) => {
        impl $name {
            #[doc = concat!("The id of [`", stringify!($field), "`](Self::", stringify!($field), ").")]
            #[inline]
            #[must_use]
            pub fn $id(&self) -> Option<&str> {
                crate::event::object::expandable::id_of(self.$field.as_ref())
            }
        }

        object!(@returned $name { $($done)* ($(#[$meta])*) $field } $($rest)*);
    };
    (@accessors $name:ident { $($done:tt)* } $(#[$meta:meta])* pub $field:ident $(as $json:literal)?: $($rest:tt)*) => {
        object!(@returned $name { $($done)* ($(#[$meta])*) $field } $($rest)*);
    };
    (@accessors $name:ident $done:tt $(#[$meta:meta])* $field:ident $(as $json:literal)?: $type:ty, $($rest:tt)*) => {
        object!(@accessors $name $done $($rest)*);
    };
    (@accessors $name:ident { $(($(#[$meta:meta])*) $field:ident $access:ident ($returned:ty))* }) => {
        impl $name {
            $(
                $(#[$meta])*
                #[inline]
                #[must_use]
                pub fn $field(&self) -> $returned {
                    object!(@$access self.$field)
                }
            )*
        }
    };

    // The return type of an accessor, by the declared type of its field. The types are matched as
    // tokens, because rustdoc shows an associated type unresolved: `<Option<String> as
    // Field>::Returned<'_>`.
    (@returned $name:ident { $($done:tt)* } String, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* reference (&str) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } i64, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (i64) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<f64>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (Option<f64>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } bool, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (bool) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<String>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* text (Option<&str>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<i64>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (Option<i64>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<bool>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (Option<bool>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<Option<i64>>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* copy (Option<Option<i64>>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<Option<Expandable<$t:ident>>>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* previous (Option<Option<&Expandable<$t>>>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<Option<$t:ident>>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* previous (Option<Option<&$t>>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Option<$t:ty>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* option (Option<&$t>) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } Vec<$t:ty>, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* reference (&[$t]) } $($rest)*);
    };
    (@returned $name:ident { $($done:tt)* } $t:ty, $($rest:tt)*) => {
        object!(@accessors $name { $($done)* reference (&$t) } $($rest)*);
    };
    (@copy $field:expr) => { $field };
    (@reference $field:expr) => { &$field };
    (@text $field:expr) => { $field.as_deref() };
    (@option $field:expr) => { $field.as_ref() };
    (@previous $field:expr) => { $field.as_ref().map(Option::as_ref) };
}

/// Declares an enum of Stripe's values for the fields of objects.
///
/// It works as [`open_enum`](crate::event::open_enum).
macro_rules! value {
    ($(#[$meta:meta])* pub enum $name:ident { $($variants:tt)* }) => {
        crate::event::open_enum::open_enum! { $(#[$meta])* pub enum $name { $($variants)* } }

        impl crate::event::object::lenient::Blank for $name {
            fn blank() -> Self {
                Self::ALL[0].clone()
            }
        }

        impl crate::event::object::lenient::Element for $name {
            const EXPECTED: &str = "a string";

            #[inline]
            fn slot(element: &mut Option<Self>) -> crate::event::object::lenient::Slot<'_> {
                crate::event::object::lenient::Slot::Value(element)
            }

            #[inline]
            fn view(&self) -> crate::event::object::write::View<'_> {
                crate::event::object::write::View::Text(self.as_str())
            }
        }
    };
}

pub(super) use {object, value};
