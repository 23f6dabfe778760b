//! Rows as they arrive: named columns of plain cells, read as text, truth or number.

/// One value of a row, free of any batch layout.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// Any whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text; dates and times in ISO 8601.
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_string())
    }
}

impl Cell {
    /// The cell as trimmed text; `None` when it is null or blank.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Cell::Null => None,
            Cell::Bool(value) => Some(value.to_string()),
            Cell::Int(value) => Some(value.to_string()),
            Cell::Float(value) => Some(value.to_string()),
            Cell::Text(value) => {
                let trimmed = value.trim();
                (!trimmed.is_empty()).then(|| trimmed.to_string())
            }
        }
    }

    /// The cell as a truth value; `None` when it is neither yes nor no.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Cell::Bool(value) => Some(*value),
            Cell::Int(1) => Some(true),
            Cell::Int(0) => Some(false),
            Cell::Text(value) => match value.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "t" | "1" => Some(true),
                "false" | "no" | "f" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Some rows of one relation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// Column names, in order.
    pub(crate) columns: Vec<String>,
    /// Cells, one inner list a row, in the order of `columns`.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The rows with their column names at hand.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows.len()).filter_map(|at| self.row(at))
    }

    /// A row by its place.
    pub(crate) fn row(&self, at: usize) -> Option<Row<'_>> {
        let cells = self.rows.get(at)?;
        Some(Row {
            columns: &self.columns,
            cells,
        })
    }
}

/// One row with its column names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Cell],
}

impl<'a> Row<'a> {
    /// The cell of a column; null when the relation has no such column.
    pub(crate) fn cell(&self, name: &str) -> &'a Cell {
        self.columns
            .iter()
            .position(|column| column == name)
            .and_then(|index| self.cells.get(index))
            .unwrap_or(&Cell::Null)
    }

    /// Trimmed text of a column; `None` when missing, null or blank.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.cell(name).text()
    }

    /// Text of a column as it stands, without trimming; empty when there is none.
    pub(crate) fn raw(&self, name: &str) -> String {
        match self.cell(name) {
            Cell::Text(value) => value.clone(),
            other => other.text().unwrap_or_default(),
        }
    }

    /// Truth value of a column.
    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        self.cell(name).truth()
    }

    /// Column names with their cells.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a Cell)> {
        self.columns.iter().map(String::as_str).zip(self.cells)
    }
}
