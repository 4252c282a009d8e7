//! The present values of modulators: where they are, where they go, and how fast.

/// A modulator on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modulation {
    /// Present value.
    pub value: f64,
    /// Where it goes.
    pub to: f64,
    /// Seconds; `None`: it is there already.
    pub tau_s: Option<f64>,
}

impl Modulation {
    /// A modulator that stays at a value.
    pub fn at(value: f64) -> Modulation {
        Modulation { value, to: value, tau_s: None }
    }

    /// Where a state sends it: at once, or within a time constant, perhaps from another value.
    pub fn send(&mut self, to: f64, tau_s: Option<f64>, from: Option<f64>) {
        self.value = if tau_s.is_none() { to } else { from.unwrap_or(self.value) };
        (self.to, self.tau_s) = (to, tau_s);
    }

    /// Is its value still changing?
    pub fn moves(&self) -> bool {
        self.tau_s.is_some() && self.value != self.to
    }

    /// Lets so many seconds pass, in closed form.
    pub fn pass(&mut self, seconds: f64) {
        if let Some(tau_s) = self.tau_s {
            self.value = self.to + (self.value - self.to) * (-seconds / tau_s).exp();
        }
    }

    /// An increment from outside, as of a reward; what has no time constant keeps it until it is sent elsewhere.
    pub fn pulse(&mut self, increment: f64) {
        self.value += increment;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_relaxes_in_closed_form_whatever_the_steps() {
        let mut whole = Modulation::at(1.0);
        whole.send(0.3, Some(18.0), None);
        let mut pieces = whole;
        whole.pass(15.0);
        (0..1500).for_each(|_| pieces.pass(0.01));
        assert!((whole.value - (0.3 + 0.7 * (-15.0_f64 / 18.0).exp())).abs() < 1e-15);
        assert!((whole.value - pieces.value).abs() < 1e-12);
        assert!(whole.moves());
    }

    #[test]
    fn without_a_time_constant_it_is_there_at_once_and_keeps_a_pulse() {
        let mut modulation = Modulation::at(0.5);
        modulation.send(1.0, None, None);
        modulation.pulse(0.25);
        modulation.pass(100.0);
        assert_eq!((modulation.value, modulation.moves()), (1.25, false));
    }
}
