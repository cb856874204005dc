//! The reference data in `tests/reference`: CSV files, and the tables in their `case.md`.

use crate::bpc::here;
use std::path::{Path, PathBuf};

/// Columns with names; cells are text until asked for.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Table {
    /// A CSV file without quotes: `12_coba_lif_4000/summary.csv`.
    pub fn csv(name: &str) -> Table {
        let path = here().join("reference").join(name);
        let text = read(&path);
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect());
        Table { header: lines.next().expect("a header"), rows: lines.collect(), path }
    }

    /// The table of a Markdown file whose header line begins so: some tolerances are given only there.
    pub fn markdown(name: &str, begins: &str) -> Table {
        let path = here().join("reference").join(name);
        let text = read(&path);
        let cells = |line: &str| line.trim().trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
        let mut lines =
            text.lines().skip_while(|line| !line.starts_with(begins)).take_while(|line| line.starts_with('|'));
        let header = lines.next().unwrap_or_else(|| panic!("{}: no table `{begins}`", path.display()));
        Table { header: cells(header), rows: lines.skip(1).map(cells).collect(), path }
    }

    /// The rows, each with its cells by name.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        assert!(!self.rows.is_empty(), "{}: an empty table checks nothing", self.path.display());
        self.rows.iter().map(move |cells| Row { table: self, cells })
    }

    /// The rows in which a column has this value.
    pub fn rows_with<'a>(&'a self, column: &'a str, value: &'a str) -> impl Iterator<Item = Row<'a>> {
        self.rows().filter(move |row| row.text(column) == value)
    }

    /// The different values of a column, in their order.
    pub fn distinct(&self, column: &str) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for row in self.rows() {
            if !seen.iter().any(|v| v == row.text(column)) {
                seen.push(row.text(column).to_owned());
            }
        }
        seen
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// A cell as it stands there.
    pub fn text(&self, column: &str) -> &'a str {
        let index = self.table.header.iter().position(|name| name == column);
        let cell = index.and_then(|index| self.cells.get(index));
        cell.unwrap_or_else(|| panic!("{}: no `{column}` in {:?}", self.table.path.display(), self.cells))
    }

    /// A cell as a number.
    pub fn number(&self, column: &str) -> f64 {
        let text = self.text(column);
        text.parse().unwrap_or_else(|error| panic!("{}: {column} `{text}`: {error}", self.table.path.display()))
    }
}

#[test]
fn tables_are_read() {
    let csv = Table::csv("12_coba_lif_4000/summary.csv");
    let rate = csv.rows_with("statistic", "E_rate").next().expect("a row");
    assert_eq!((rate.number("n_seeds"), rate.text("statistic")), (20.0, "E_rate"));
    let table = Table::markdown("03_hh_traub_coba/case.md", "| I | dt |");
    assert_eq!(table.distinct("I"), ["50", "100", "200", "500", "1000"]);
    assert_eq!(table.rows().last().expect("a row").number("max spike-time error (ms)"), 0.963);
}
