//! Messages that the next page shows once, after a form was sent.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Flash {
    pub is_good: bool,
    pub text: String,
    /// Shown as it is, in a fixed-width font.
    pub detail: Option<String>,
}

impl Flash {
    pub fn good(text: impl Into<String>) -> Self {
        Self { is_good: true, text: text.into(), detail: None }
    }

    pub fn bad(text: impl Into<String>) -> Self {
        Self { is_good: false, text: text.into(), detail: None }
    }

    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
