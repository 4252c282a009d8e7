//! The claims that Plastica is built on, and what each number of the atlas is about: two tables of the library, `claims.csv` and
//! `index.csv`. Which experiment tests what stands in the experiments themselves (`tested.rs`).

use crate::tables::Folder;

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its code, such as `C9`.
    pub code: String,
    /// It in a sentence.
    pub sentence: String,
}

/// What a number of the atlas is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The number, such as `E09`.
    pub id: String,
    /// Codes of the claims that it bears on, the first one first.
    pub claims: Vec<String>,
    /// Its title.
    pub title: String,
}

/// Both tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Claims, in their order.
    pub list: Vec<Claim>,
    /// Numbers of the atlas, in their order.
    pub topics: Vec<Topic>,
}

impl Claims {
    /// The tables of the library. They are part of the program, so a test reads them and nothing is reported here.
    pub fn read() -> Claims {
        let folder = Folder { embedded: Some("experiments".into()), ..Folder::default() };
        let records = |file: &str| folder.records(file).map(|(_, rows)| rows).unwrap_or_default();
        let cell = |row: &Vec<String>, k: usize| row.get(k).cloned().unwrap_or_default();
        Claims {
            list: records("claims.csv").iter().map(|row| Claim { code: cell(row, 0), sentence: cell(row, 1) }).collect(),
            topics: records("index.csv").iter().map(|row| Topic { id: cell(row, 0), claims: codes(&cell(row, 1)), title: cell(row, 2) }).collect(),
        }
    }

    /// The sentence of a claim; empty for a code that is none.
    pub fn sentence(&self, code: &str) -> &str {
        self.list.iter().find(|c| c.code == code).map_or("", |c| &c.sentence)
    }

    /// What a number of the atlas is about.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.topics.iter().find(|t| t.id == id)
    }

    /// The claim of a row: its own, else that of its experiment, else that of its number.
    pub fn of_row(&self, own: &str, experiment: &str, id: &str) -> String {
        let first = [own, experiment].into_iter().find(|text| !text.trim().is_empty());
        first.map_or_else(|| self.topic(id).map_or(String::new(), |t| t.claims.join(", ")), str::to_string)
    }

    /// Where a claim stands in the order of the table; what is none comes last.
    pub fn place(&self, code: &str) -> usize {
        self.list.iter().position(|c| c.code == code).unwrap_or(self.list.len())
    }
}

/// The codes in a text such as `C6, C8`.
pub fn codes(text: &str) -> Vec<String> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_whole() {
        let claims = Claims::read();
        let order: Vec<String> = (1..=10).map(|n| format!("C{n}")).collect();
        assert_eq!(claims.list.iter().map(|c| c.code.clone()).collect::<Vec<_>>(), order);
        for claim in &claims.list {
            assert!(claim.sentence.ends_with('.') && claim.sentence.len() > 20, "{claim:?}");
        }
        assert!(claims.topics.is_sorted_by_key(|t| t.id.clone()));
        for topic in &claims.topics {
            assert!(!topic.title.is_empty() && !topic.claims.is_empty() && topic.claims.iter().all(|c| order.contains(c)), "{topic:?}");
        }
    }

    #[test]
    fn a_row_takes_the_nearest_claim() {
        let claims = Claims::read();
        let check = |own: &str, experiment: &str, id: &str, expected: &str| assert_eq!(claims.of_row(own, experiment, id), expected);
        check("C1", "C6, C8", "E09", "C1");
        check("", "C6, C8", "E09", "C6, C8");
        check("", "", "E09", "C9");
        check("", "", "own", "");
        assert_eq!(codes("C6, C8,C10"), ["C6", "C8", "C10"]);
    }
}
