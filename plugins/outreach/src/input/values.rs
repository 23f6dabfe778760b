//! Values of any type as trimmed texts and as truths.

use std::borrow::Cow;
use std::ops::Deref;

use tsugi_plugin::{Column, DataType, FromColumn, Value};

/// A value of any type as text without blanks around it; a blank one counts as null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trimmed<'a>(Cow<'a, str>);

impl<'a> Trimmed<'a> {
    /// None for a blank text.
    pub(crate) fn new(text: Cow<'a, str>) -> Option<Self> {
        let trimmed = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_string()),
        };
        (!trimmed.is_empty()).then_some(Self(trimmed))
    }

    pub(crate) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Trimmed<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> FromColumn<'a> for Trimmed<'a> {
    type View = <Cow<'a, str> as FromColumn<'a>>::View;
    const EXPECTED: &'static str = <Cow<'_, str> as FromColumn>::EXPECTED;

    fn accepts(data_type: &DataType) -> bool {
        <Cow<'_, str> as FromColumn>::accepts(data_type)
    }

    fn view(column: Column<'a>) -> Option<Self::View> {
        <Cow<'a, str> as FromColumn>::view(column)
    }

    #[inline(always)]
    fn get(view: &Self::View, row: usize) -> Option<Self> {
        <Cow<'a, str> as FromColumn>::get(view, row).and_then(Self::new)
    }
}

/// An owned text of a nullable column.
pub(crate) fn owned(text: Option<Trimmed<'_>>) -> Option<String> {
    text.map(Trimmed::into_string)
}

/// An owned text in lower case.
pub(crate) fn lower(text: Option<Trimmed<'_>>) -> Option<String> {
    text.map(|text| text.to_lowercase())
}

/// A boolean, `1` and `0`, or a text such as `yes` and `f`; anything else counts as null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth(pub(crate) bool);

impl<'a> FromColumn<'a> for Truth {
    type View = Column<'a>;
    const EXPECTED: &'static str = "a truth";

    fn accepts(_data_type: &DataType) -> bool {
        true
    }

    fn view(column: Column<'a>) -> Option<Self::View> {
        Some(column)
    }

    fn get(view: &Self::View, row: usize) -> Option<Self> {
        let truth = match view.value(row) {
            Value::Bool(truth) => truth,
            Value::Int(1) => true,
            Value::Int(0) => false,
            Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "t" | "1" => true,
                "false" | "no" | "f" | "0" => false,
                _ => return None,
            },
            _ => return None,
        };
        Some(Self(truth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsugi_plugin::{Batch, column};

    fn read<'a, T: FromColumn<'a>>(batch: &'a Batch) -> Vec<Option<T>> {
        let values = batch.read_column::<T>("c").unwrap();
        (0..batch.rows()).map(|row| values.get(row)).collect()
    }

    #[test]
    fn values_of_any_type_are_trimmed_texts() {
        let texts = Batch::new([column("c", [Some(" a "), Some("  "), None])]).unwrap();
        let read_texts = read::<Trimmed<'_>>(&texts);
        let first = read_texts.first().cloned().flatten();
        assert_eq!(first.as_deref(), Some("a"));
        assert_eq!(read_texts.get(1..), Some(&[None, None][..]));
        let numbers = Batch::new([column("c", [7_i64])]).unwrap();
        let first = read::<Trimmed<'_>>(&numbers).remove(0);
        assert_eq!(first.as_deref(), Some("7"));
    }

    #[test]
    fn truths_have_several_forms() {
        let texts = ["true", " Yes", "T", "1", "false", "no", "F ", "0"].map(Some);
        let batch = Batch::new([column("c", texts)]).unwrap();
        let expected = [true, true, true, true, false, false, false, false];
        assert_eq!(
            read::<Truth>(&batch),
            expected.map(|truth| Some(Truth(truth)))
        );
        let unclear = Batch::new([column("c", [Some("maybe"), Some(""), None])]).unwrap();
        assert_eq!(read::<Truth>(&unclear), [None, None, None]);
        let numbers = Batch::new([column("c", [1_i64, 0, 2])]).unwrap();
        let expected = [Some(Truth(true)), Some(Truth(false)), None];
        assert_eq!(read::<Truth>(&numbers), expected);
    }
}
