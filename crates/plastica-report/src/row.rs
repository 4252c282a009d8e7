//! One result beside the published number: the row of every table, of `results.csv` and of `--json`.

use crate::statistics;
use serde::{Deserialize, Serialize};

/// A result and what it is held against. `None` where a number does not exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Experiment in the atlas (`E02`); together with `quantity` the key.
    pub id: String,
    /// What was measured.
    pub quantity: String,
    /// Unit of all numbers of the row; empty or `-` for pure numbers.
    pub unit: String,
    /// Claims that the row bears on (`C4, C5`).
    pub claim: String,
    /// `oracle`, `quant`, `ordinal` or `design`.
    pub kind: String,
    /// The published value, as text as in its table.
    pub published: Option<String>,
    /// Standard error of the published value.
    pub error: Option<f64>,
    /// Where the published number comes from: `V` seen, `C` computed, `S` secondary, `R` recalled, `D` our own choice.
    pub verification: String,
    /// Lower end of what is accepted.
    pub low: Option<f64>,
    /// Upper end of what is accepted.
    pub high: Option<f64>,
    /// The value that the paper's own model gives.
    pub model: Option<f64>,
    /// Plastica's value.
    pub simulated: Option<f64>,
    /// Standard deviation of Plastica's value over `n`.
    pub spread: Option<f64>,
    /// How many runs or subjects the value is from.
    pub n: Option<u64>,
    /// Whether a parameter was fitted to this number, which is then not scored.
    pub calibrated: bool,
    /// Wall-clock seconds that the value took.
    pub seconds: Option<f64>,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The value lies in the accepted interval.
    #[serde(rename = "reproduced")]
    Reproduced,
    /// It does not. This is a result, not a failure of the run.
    #[serde(rename = "not reproduced")]
    NotReproduced,
    /// A parameter was fitted to this number.
    #[serde(rename = "calibrated")]
    Calibrated,
    /// Other studies found otherwise, so agreement proves nothing.
    #[serde(rename = "contradicted elsewhere")]
    ContradictedElsewhere,
    /// There is nothing to score against, or too little was run.
    #[serde(rename = "shown only")]
    ShownOnly,
    /// In the atlas only: the experiment that asks for the row failed, or was not reached.
    #[serde(rename = "not run")]
    NotRun,
    /// In the atlas only: a published number that no experiment of the library is held against.
    #[serde(rename = "no experiment yet")]
    NoExperiment,
}

impl Verdict {
    /// The words that reports and JSON use.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Reproduced => "reproduced",
            Verdict::NotReproduced => "not reproduced",
            Verdict::Calibrated => "calibrated",
            Verdict::ContradictedElsewhere => "contradicted elsewhere",
            Verdict::ShownOnly => "shown only",
            Verdict::NotRun => "not run",
            Verdict::NoExperiment => "no experiment yet",
        }
    }
}

/// How a row may be scored at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Held against its interval.
    Scored,
    /// A parameter was fitted to it.
    Calibrated,
    /// Other studies contradict it.
    Contradicted,
    /// Shown without a score, as in a quick run that cannot decide.
    Shown,
}

/// The verdict on a value, given the accepted interval; a missing end is open, and with both ends missing nothing is scored.
///
/// ```
/// use plastica_report::{Standing, Verdict, verdict};
/// assert_eq!(verdict(Standing::Scored, Some(0.5), Some(0.4), Some(0.6)), Verdict::Reproduced);
/// assert_eq!(verdict(Standing::Scored, Some(0.7), Some(0.4), Some(0.6)), Verdict::NotReproduced);
/// assert_eq!(verdict(Standing::Calibrated, Some(0.7), Some(0.4), Some(0.6)), Verdict::Calibrated);
/// assert_eq!(verdict(Standing::Scored, Some(0.7), None, None), Verdict::ShownOnly);
/// ```
pub fn verdict(standing: Standing, simulated: Option<f64>, low: Option<f64>, high: Option<f64>) -> Verdict {
    match standing {
        Standing::Calibrated => return Verdict::Calibrated,
        Standing::Contradicted => return Verdict::ContradictedElsewhere,
        Standing::Shown => return Verdict::ShownOnly,
        Standing::Scored => {}
    }
    match simulated {
        Some(value) if low.is_some() || high.is_some() => {
            // Written so that a value that is not a number lies in no interval.
            let inside = low.is_none_or(|l| value >= l) && high.is_none_or(|h| value <= h) && !value.is_nan();
            if inside { Verdict::Reproduced } else { Verdict::NotReproduced }
        }
        _ => Verdict::ShownOnly,
    }
}

impl Row {
    /// How many standard errors Plastica's value lies from the published one; `None` where either is no number.
    pub fn distance(&self) -> Option<f64> {
        let published: f64 = self.published.as_deref()?.trim().parse().ok()?;
        statistics::error_in_sem(&[self.simulated?], &[published], &[self.error?]).map(f64::sqrt)
    }
}

/// The rows as a table in CSV, for `results.csv`: numbers in full precision, an empty field where there is none.
pub fn csv(rows: &[Row]) -> String {
    let mut out = String::from("id,quantity,unit,claim,kind,published,error,verification,low,high,model,simulated,spread,n,calibrated,seconds,verdict\n");
    for row in rows {
        let number = |v: Option<f64>| v.filter(|v| v.is_finite()).map_or(String::new(), |v| v.to_string());
        let fields = [
            row.id.clone(),
            row.quantity.clone(),
            row.unit.clone(),
            row.claim.clone(),
            row.kind.clone(),
            row.published.clone().unwrap_or_default(),
            number(row.error),
            row.verification.clone(),
            number(row.low),
            number(row.high),
            number(row.model),
            number(row.simulated),
            number(row.spread),
            row.n.map_or(String::new(), |n| n.to_string()),
            row.calibrated.to_string(),
            number(row.seconds),
            row.verdict.words().into(),
        ];
        out.push_str(&fields.map(|f| quoted(&f)).join(","));
        out.push('\n');
    }
    out
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.into() }
}
