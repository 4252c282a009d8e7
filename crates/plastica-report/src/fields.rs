//! Receptive fields: what each cell answers to each of several stimuli, and what that says about a map.
//!
//! The answers come from a probe that gave every stimulus a number of times. The field of a cell holds the stimuli that it
//! answers to with at least a share of its largest answer, and with at least so many spikes. No file is read here, and nothing is known of a circuit.

/// Answers of cells to stimuli.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// Spikes per pulse of each cell, `[stimulus][cell]`, row by row.
    pub answers: &'a [f64],
    /// Number of cells.
    pub cells: usize,
    /// A stimulus is in a cell's field if it is answered with this share of the largest answer.
    pub share: f64,
    /// Less than so many spikes per pulse are no answer.
    pub least: f64,
}

impl Fields<'_> {
    /// Number of stimuli.
    pub fn stimuli(&self) -> usize {
        self.answers.len().checked_div(self.cells).unwrap_or(0)
    }

    /// Spikes per pulse of a cell.
    pub fn answer(&self, stimulus: usize, cell: usize) -> f64 {
        self.answers.get(stimulus * self.cells + cell).copied().unwrap_or(f64::NAN)
    }

    fn largest(&self, cell: usize) -> f64 {
        (0..self.stimuli()).map(|s| self.answer(s, cell)).fold(0.0, f64::max)
    }

    /// Does the cell answer to anything?
    pub fn is_answering(&self, cell: usize) -> bool {
        let largest = self.largest(cell);
        largest > 0.0 && largest >= self.least
    }

    /// Mean answer of some cells to a stimulus, in spikes per pulse; NaN if there is no cell.
    pub fn mean(&self, stimulus: usize, cells: &[u32]) -> f64 {
        cells.iter().map(|c| self.answer(stimulus, *c as usize)).sum::<f64>() / cells.len() as f64
    }

    /// How many of the cells answer most to a stimulus. A cell that answers as much to several counts for each of them in part.
    ///
    /// ```
    /// use plastica_report::fields::Fields;
    /// let answers = [2.0, 1.0, 0.0, 1.0, 1.0, 0.0];
    /// let fields = Fields { answers: &answers, cells: 3, share: 0.5, least: 0.5 };
    /// assert_eq!((fields.best(0, &[0, 1, 2]), fields.best(1, &[0, 1, 2])), (1.5, 0.5));
    /// ```
    pub fn best(&self, stimulus: usize, cells: &[u32]) -> f64 {
        let part = |cell: usize| {
            let largest = self.largest(cell);
            if !self.is_answering(cell) || self.answer(stimulus, cell) < largest {
                return 0.0;
            }
            1.0 / (0..self.stimuli()).filter(|s| self.answer(*s, cell) >= largest).count() as f64
        };
        cells.iter().map(|c| part(*c as usize)).sum()
    }

    /// The stimuli in a cell's field, ascending; none for a cell that answers to nothing.
    pub fn field(&self, cell: usize) -> Vec<usize> {
        let (largest, answering) = (self.largest(cell), self.is_answering(cell));
        let least = self.least.max(self.share * largest);
        (0..self.stimuli()).filter(|s| answering && self.answer(*s, cell) >= least).collect()
    }

    /// Number of stimuli in the field of each cell that answers.
    pub fn widths(&self, cells: &[u32]) -> Vec<f64> {
        cells.iter().map(|c| self.field(*c as usize).len() as f64).filter(|n| *n > 0.0).collect()
    }

    /// Share of the answering cells whose field holds stimuli of more than one part, `together` stimuli in a row being a part
    /// (a finger, an eye); NaN if no cell answers.
    pub fn several(&self, cells: &[u32], together: usize) -> f64 {
        let fields: Vec<Vec<usize>> = cells.iter().map(|c| self.field(*c as usize)).filter(|f| !f.is_empty()).collect();
        let part = |s: usize| s / together.max(1);
        let over = fields.iter().filter(|f| f.iter().any(|s| part(*s) != part(f[0]))).count();
        over as f64 / fields.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four stimuli, four cells: one answers to the first alone, one to the middle two, one to all, one to nothing.
    const ANSWERS: [f64; 16] = [
        4.0, 0.2, 1.0, 0.1, //
        1.0, 2.0, 1.0, 0.0, //
        0.0, 1.0, 1.0, 0.1, //
        0.0, 0.0, 1.0, 0.0,
    ];

    fn check(share: f64, least: f64, widths: &[f64], several: f64) {
        let fields = Fields { answers: &ANSWERS, cells: 4, share, least };
        let cells = [0, 1, 2, 3];
        assert_eq!(fields.stimuli(), 4);
        assert_eq!((fields.widths(&cells), fields.several(&cells, 2)), (widths.to_vec(), several), "share {share}");
        let fields = Fields { least: 0.5, ..fields };
        let best: Vec<f64> = (0..4).map(|s| fields.best(s, &cells)).collect();
        assert_eq!(best, [1.25, 1.25, 0.25, 0.25]);
        assert_eq!((fields.mean(0, &cells), fields.mean(3, &[2])), (5.3 / 4.0, 1.0));
    }

    #[test]
    fn fields_are_what_a_cell_answers_to() {
        check(0.5, 0.5, &[1.0, 2.0, 4.0], 2.0 / 3.0);
        check(0.2, 0.5, &[2.0, 2.0, 4.0], 2.0 / 3.0);
        check(0.6, 0.5, &[1.0, 1.0, 4.0], 1.0 / 3.0);
        check(0.0, 1.5, &[1.0, 1.0], 0.0);
    }

    #[test]
    fn silence_has_no_field() {
        let fields = Fields { answers: &[0.0; 4], cells: 2, share: 0.5, least: 0.0 };
        assert!(fields.widths(&[0, 1]).is_empty() && fields.several(&[0, 1], 1).is_nan());
        assert_eq!((fields.best(0, &[0, 1]), Fields { cells: 0, ..fields }.stimuli()), (0.0, 0));
    }
}
