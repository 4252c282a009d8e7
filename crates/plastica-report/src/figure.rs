//! What every figure hands to the page: a drawing, a legend, its text alternative and its numbers.

use crate::svg::escape;
use std::fmt::Write;

/// A figure, ready for the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What is seen, in one sentence or two.
    pub caption: String,
    /// The drawing as SVG; it takes its colours from the page.
    pub svg: String,
    /// Names of what is drawn. Empty where there is one thing only.
    pub legend: Vec<Legend>,
    /// What the figure shows, for readers who do not see it.
    pub alternative: String,
    /// The numbers that were drawn, where they are few enough to be read.
    pub grid: Option<Grid>,
}

/// A plain table.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Grid {
    /// Heads of the columns.
    pub head: Vec<String>,
    /// Cells, one vector for each row.
    pub rows: Vec<Vec<String>>,
}

/// One line of a legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Legend {
    /// What it is called.
    pub name: String,
    /// How it is drawn.
    pub mark: Mark,
    /// As a line, and not as points.
    pub line: bool,
}

/// How something is drawn: the colour says whose value it is, the shape (or the dash of a line) which group it belongs to.
/// So nothing depends on telling colours apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Measured: large and open, in the colour of the text.
    Published(usize),
    /// The paper's own model: open, in blue.
    Model(usize),
    /// Plastica: small and filled, in vermilion, so that it can be seen inside the others.
    Plastica(usize),
    /// A group of a study: filled, in a colour of its own.
    Group(usize),
    /// A kind of block: an area in a colour, with none, one or two stripes.
    Kind(usize),
    /// A shaded stretch: night, or what is accepted.
    Shade,
    /// A small cross: what does not hold.
    Cross,
    /// A ring around a cell: what is in use.
    Ring,
}

impl Mark {
    /// Name of the class that gives the colour.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Mark::Published(_) => "published",
            Mark::Model(_) => "model",
            Mark::Plastica(_) => "plastica",
            Mark::Group(group) => ["g0", "g1", "g2", "g3", "g4", "g5"][group % 6],
            Mark::Kind(kind) => ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"][kind % 8],
            Mark::Shade => "shade",
            Mark::Cross => "cross",
            Mark::Ring => "ring",
        }
    }

    pub(crate) fn group(self) -> usize {
        match self {
            Mark::Published(group) | Mark::Model(group) | Mark::Plastica(group) | Mark::Group(group) | Mark::Kind(group) => group,
            Mark::Shade | Mark::Cross | Mark::Ring => 0,
        }
    }

    /// The mark at a place, in user units.
    pub(crate) fn draw(self, out: &mut String, x: f64, y: f64) {
        let r = match self {
            Mark::Published(_) => 5.0,
            Mark::Model(_) => 6.5,
            Mark::Plastica(_) => 2.8,
            Mark::Group(_) => 3.4,
            Mark::Cross => {
                let _ = write!(out, "<path class=\"cross\" d=\"M{:.1} {:.1}l5 5m0 -5l-5 5\"/>", x - 2.5, y - 2.5);
                return;
            }
            Mark::Ring => {
                let _ = write!(out, "<rect class=\"ring\" x=\"{:.1}\" y=\"{:.1}\" width=\"13\" height=\"13\"/>", x - 6.5, y - 6.5);
                return;
            }
            Mark::Kind(_) | Mark::Shade => return self.area(out, x - 14.0, y - 7.0, 28.0, 14.0),
        };
        let class = self.class();
        let _ = match self.group() % 4 {
            0 => write!(out, "<circle class=\"mark {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\"/>"),
            1 => write!(out, "<rect class=\"mark {class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{s}\" height=\"{s}\"/>", x - 0.9 * r, y - 0.9 * r, s = 1.8 * r),
            2 => write!(out, "<path class=\"mark {class}\" d=\"M{x:.1} {:.1}l{:.1} {:.1}h{:.1}z\"/>", y - 1.2 * r, 1.1 * r, 2.0 * r, -2.2 * r),
            _ => write!(out, "<path class=\"mark {class}\" d=\"M{x:.1} {:.1}l{d:.1} {d:.1}l-{d:.1} {d:.1}l-{d:.1} -{d:.1}z\"/>", y - 1.3 * r, d = 1.3 * r),
        };
    }

    /// An area of this mark, with the stripes of its kind.
    pub(crate) fn area(self, out: &mut String, x: f64, y: f64, width: f64, height: f64) {
        let class = self.class();
        let _ = write!(out, "<rect class=\"area {class}\" x=\"{x:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{height:.1}\"/>");
        if let Mark::Kind(kind) = self {
            let stripes = kind % 3;
            for stripe in 1..=stripes {
                let at = y + height * stripe as f64 / (stripes + 1) as f64;
                let _ = write!(out, "<path class=\"stripe\" d=\"M{x:.2} {at:.1}h{width:.2}\"/>");
            }
        }
    }

    /// Attributes of a line of this mark.
    pub(crate) fn stroke(self) -> String {
        let dash = ["", " stroke-dasharray=\"7 4\"", " stroke-dasharray=\"2 3\"", " stroke-dasharray=\"9 3 2 3\""][self.group() % 4];
        format!("class=\"line {}\"{dash}", self.class())
    }
}

impl Figure {
    /// The figure as HTML.
    pub(crate) fn html(&self) -> String {
        let mut out = format!("<figure>{}", self.svg);
        if !self.legend.is_empty() {
            out.push_str("<ul class=\"legend\">");
            for item in &self.legend {
                let mut swatch = String::new();
                if item.line {
                    let _ = write!(swatch, "<path {} d=\"M1 8H31\"/>", item.mark.stroke());
                }
                if !item.line || matches!(item.mark, Mark::Group(_)) {
                    item.mark.draw(&mut swatch, 16.0, 8.0);
                }
                let _ = write!(out, "<li><svg viewBox=\"0 -2 32 20\" aria-hidden=\"true\">{swatch}</svg>{}</li>", escape(&item.name));
            }
            out.push_str("</ul>");
        }
        let _ = write!(out, "<figcaption>{}</figcaption>", escape(&self.caption));
        let _ = write!(
            out,
            "<details><summary>This figure in words{}</summary><p>{}</p>",
            if self.grid.is_some() { " and numbers" } else { "" },
            escape(&self.alternative)
        );
        if let Some(grid) = &self.grid {
            out.push_str(&grid.html());
        }
        out.push_str("</details></figure>");
        out
    }
}

impl Grid {
    /// The table as HTML; on a narrow screen each row becomes a card, labelled by the heads.
    pub(crate) fn html(&self) -> String {
        let mut out = String::from("<table><thead><tr>");
        for head in &self.head {
            let _ = write!(out, "<th scope=\"col\">{}</th>", escape(head));
        }
        out.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let head = self.head.get(at).map_or("", String::as_str);
                let class = if cell.chars().next().is_some_and(|c| c.is_ascii_digit() || c == '−' || c == '–') { " class=\"number\"" } else { "" };
                let _ = write!(out, "<td{class} data-label=\"{}\">{}</td>", escape(head), escape(cell));
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
        out
    }
}
