//! The factors of all cells as columns of numbers. A factor that follows from the first (a lot is of one
//! product and one supplier's compound) is held once a value of the first and not once a cell.

/// No value of a factor.
pub(crate) const NONE: u32 = u32::MAX;

/// One column a factor.
#[derive(Default)]
pub(crate) struct Columns {
    first: Vec<u32>,
    others: Vec<Column>,
    /// How many of the others were known before the first cell.
    known_count: usize,
}

/// A factor after the first.
enum Column {
    /// Its value by the value of the first factor, at the place that [`slot`] gives; none before it is seen.
    ByUnit(Vec<Option<u32>>),
    /// Its value by cell: it does not follow from the first factor.
    ByCell(Vec<u32>),
}

/// The place of a value of the first factor in such a table; none is at the first place.
fn slot(first: u32) -> usize {
    first.wrapping_add(1) as usize
}

fn value_of(table: &[Option<u32>], first: u32) -> u32 {
    table.get(slot(first)).copied().flatten().unwrap_or(NONE)
}

impl Columns {
    /// Columns without a cell: of the first factor, of those whose value by the number of the first is
    /// known, and of so many others.
    pub(crate) fn new(known: Vec<Vec<Option<u32>>>, others: usize) -> Self {
        let known_count = known.len();
        let known = known.into_iter().map(|mut values| {
            values.insert(slot(NONE), None);
            Column::ByUnit(values)
        });
        let others = (0..others).map(|_| Column::ByUnit(Vec::new()));
        Self {
            first: Vec::new(),
            others: known.chain(others).collect(),
            known_count,
        }
    }

    /// How many numbers a cell takes.
    pub(crate) fn width(&self) -> usize {
        let own = |column: &&Column| matches!(column, Column::ByCell(_));
        1 + self.others.iter().filter(own).count()
    }

    /// Adds a cell: its number of the first factor, and those of the factors that were not known before.
    pub(crate) fn push(&mut self, first: u32, others: &[u32]) {
        let unknown = self.others.iter_mut().skip(self.known_count);
        for (column, &number) in unknown.zip(others) {
            column.push(number, first, &self.first);
        }
        self.first.push(first);
    }

    /// Gives every value its new number, by factor and old number.
    pub(crate) fn renumber(&mut self, new: &[Vec<u32>]) {
        let renumbered = |of: Option<&Vec<u32>>, old: u32| {
            let found = of.and_then(|new| new.get(old as usize));
            found.copied().unwrap_or(NONE)
        };
        let firsts = new.first();
        for (column, new) in self.others.iter_mut().zip(new.iter().skip(1)) {
            match column {
                Column::ByCell(values) => {
                    for value in values {
                        *value = renumbered(Some(new), *value);
                    }
                }
                Column::ByUnit(table) => {
                    let mut moved = vec![None; firsts.map_or(0, Vec::len) + 1];
                    for (old, value) in table.iter().enumerate() {
                        let first = (old as u32).checked_sub(1);
                        let to = first.map_or(0, |first| slot(renumbered(firsts, first)));
                        if let Some(place) = moved.get_mut(to) {
                            *place = value.map(|value| renumbered(Some(new), value));
                        }
                    }
                    *table = moved;
                }
            }
        }
        for value in &mut self.first {
            *value = renumbered(firsts, *value);
        }
    }

    /// Puts the cells into another order: their old places in the new one.
    pub(crate) fn arrange(&mut self, order: &[u32]) {
        self.first = arranged(order, std::mem::take(&mut self.first));
        for column in &mut self.others {
            if let Column::ByCell(values) = column {
                *values = arranged(order, std::mem::take(values));
            }
        }
    }

    /// Two cells by their values, factor by factor. What follows from the first factor is no difference.
    pub(crate) fn compare(&self, left: usize, right: usize) -> std::cmp::Ordering {
        let by_first = self.first.get(left).cmp(&self.first.get(right));
        self.others
            .iter()
            .fold(by_first, |so_far, column| match column {
                Column::ByCell(values) => {
                    so_far.then_with(|| values.get(left).cmp(&values.get(right)))
                }
                Column::ByUnit(_) => so_far,
            })
    }

    /// The values by cell of each factor that is held so, the first among them.
    pub(crate) fn by_cell(&self) -> impl Iterator<Item = &[u32]> {
        let own = self.others.iter().filter_map(|column| match column {
            Column::ByCell(values) => Some(values.as_slice()),
            Column::ByUnit(_) => None,
        });
        std::iter::once(self.first.as_slice()).chain(own)
    }

    /// The values of each other factor, by a value of the first one (or none).
    pub(crate) fn of_unit(&self, first: u32) -> impl Iterator<Item = u32> {
        self.others.iter().filter_map(move |column| match column {
            Column::ByCell(_) => None,
            Column::ByUnit(table) => Some(value_of(table, first)),
        })
    }

    /// The value of a factor by a value of the first one, when it follows from that.
    pub(crate) fn by_unit(&self, factor: usize) -> Option<impl Fn(u32) -> u32> {
        match self.others.get(factor.checked_sub(1)?)? {
            Column::ByCell(_) => None,
            Column::ByUnit(table) => Some(|first| value_of(table, first)),
        }
    }

    /// The value of a factor in a cell.
    pub(crate) fn value(&self, factor: usize, cell: usize) -> u32 {
        let first = self.first.get(cell).copied().unwrap_or(NONE);
        let Some(other) = factor.checked_sub(1) else {
            return first;
        };
        match self.others.get(other) {
            Some(Column::ByCell(values)) => values.get(cell).copied().unwrap_or(NONE),
            Some(Column::ByUnit(table)) => value_of(table, first),
            None => NONE,
        }
    }
}

impl Column {
    fn push(&mut self, number: u32, first: u32, firsts: &[u32]) {
        let table = match self {
            Self::ByCell(values) => return values.push(number),
            Self::ByUnit(table) => table,
        };
        if table.len() <= slot(first) {
            table.resize(slot(first) + 1, None);
        }
        match table.get_mut(slot(first)) {
            Some(known @ None) => *known = Some(number),
            Some(Some(known)) if *known == number => {}
            _ => {
                let mut values: Vec<u32> =
                    firsts.iter().map(|first| value_of(table, *first)).collect();
                values.push(number);
                *self = Self::ByCell(values);
            }
        }
    }
}

/// Values in another order: their old places in the new one. The old vector is freed.
pub(crate) fn arranged<T: Copy>(order: &[u32], column: Vec<T>) -> Vec<T> {
    let mut moved = Vec::with_capacity(order.len());
    moved.extend(
        order
            .iter()
            .filter_map(|&row| column.get(row as usize).copied()),
    );
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lots 0, 1 and 2 of products 7 and 8, each in regions; then a lot that is of two products.
    #[test]
    fn what_follows_from_the_first_factor_is_held_once_until_it_does_not() {
        let mut columns = Columns::new(Vec::new(), 2);
        let mut cells = vec![[0, 0, 0], [1, 1, 0], [0, 0, 1], [NONE, 1, 2], [2, NONE, 0]];
        for [first, others @ ..] in &cells {
            columns.push(*first, others);
        }
        assert_eq!(columns.width(), 2);
        let same = |columns: &Columns, cells: &[[u32; 3]]| {
            for (at, cell) in cells.iter().enumerate() {
                let found = [0, 1, 2].map(|factor| columns.value(factor, at));
                assert_eq!(found, *cell);
            }
        };
        same(&columns, &cells);
        cells.push([0, 1, 0]);
        columns.push(0, &[1, 0]);
        assert_eq!(columns.width(), 3);
        same(&columns, &cells);
    }

    /// Value 0 is of lot 0, and value 1 of lot 2, which has no cell; lot 1 has none.
    #[test]
    fn what_is_known_of_the_first_factor_takes_no_room() {
        let mut columns = Columns::new(vec![vec![Some(0), None, Some(1)]], 1);
        for (lot, region) in [(0, 0), (1, 0), (0, 1), (NONE, 0), (3, 1)] {
            columns.push(lot, &[region]);
        }
        assert_eq!(columns.width(), 2);
        columns.renumber(&[vec![3, 2, 1, 0], vec![5, 4], vec![7, 6]]);
        let cell = |at| [0, 1, 2].map(|factor| columns.value(factor, at));
        assert_eq!(
            [0, 1, 2, 3, 4].map(cell),
            [
                [3, 5, 7],
                [2, NONE, 7],
                [3, 5, 6],
                [NONE, NONE, 7],
                [0, NONE, 6]
            ]
        );
    }

    #[test]
    fn new_numbers_and_a_new_order_keep_every_cell_together() {
        let mut columns = Columns::new(Vec::new(), 2);
        for [first, others @ ..] in [[0, 0, 0], [1, 1, 0], [0, 0, 1], [NONE, 1, 2]] {
            columns.push(first, &others);
        }
        columns.renumber(&[vec![1, 0], vec![3, 2], vec![6, 5, 4]]);
        columns.arrange(&[3, 2, 1, 0]);
        let cell = |at| [0, 1, 2].map(|factor| columns.value(factor, at));
        assert_eq!(
            [0, 1, 2, 3].map(cell),
            [[NONE, 2, 4], [1, 3, 5], [0, 2, 6], [1, 3, 6]]
        );
    }
}
