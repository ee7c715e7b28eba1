//! How the score went from run to run: a drawing in the markup, so that it is there without a script
//! and on paper, and the same as a table.
//!
//! The drawing is stretched to the width of its place; lines keep their width
//! (`vector-effect`), and a dot is a line of no length with round ends, so that it stays round. What
//! has to be read stands beside it as text, in the size of the page. All coordinates are integers.

use std::collections::BTreeSet;

use readiness::assess::Outcome;

use super::page::Page;
use crate::formats::model::{Change, ItemHistory, Move, Point, Report, ScoreView, Trend};

/// The drawing's own units.
const WIDTH: u64 = 10_000;
const HEIGHT: u64 = 1_000;

/// A whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// Runs that have a dot each; more than that are a line.
const MOST_DOTS: usize = 90;

/// Runs in the table, the latest ones.
const MOST_ROWS: usize = 50;

/// Where the drawing may begin, in hundredths of a percent: the highest that has everything above it.
const FLOORS: [u64; 4] = [9_000, 7_500, 5_000, 0];

pub(super) fn panel(report: &Report, page: &mut Page) {
    let trend = &report.trend;
    let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) else {
        return;
    };
    page.raw("<section class=\"panel trend\"><h2>Trend <span class=\"count\">")
        .number(trend.points.len() as u64)
        .raw(if trend.points.len() == 1 {
            " run</span></h2>\n"
        } else {
            " runs</span></h2>\n"
        });
    if trend.points.len() == 1 {
        page.raw("<p><small>One run so far: a line begins with the second.</small></p>\n");
    }
    drawing(trend, first, last, page);
    left_out(trend, page);
    table(report, page);
    page.raw("</section>\n");
}

/// What a score is in the drawing: hundredths of a percent, nothing for nothing that applies.
fn hundredths(score: &ScoreView) -> u64 {
    score.hundredths.unwrap_or(0).min(WHOLE)
}

fn percent(hundredths: u64) -> String {
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => format!("{whole} %"),
        (whole, part) => format!("{whole}.{part:02} %"),
    }
}

fn drawing(trend: &Trend, first: &Point, last: &Point, page: &mut Page) {
    let scores = trend.points.iter().map(|point| hundredths(&point.score));
    let lowest = scores.clone().min().unwrap_or(0);
    let highest = scores.max().unwrap_or(0);
    let below = lowest.min(trend.minimum);
    let floor = FLOORS.into_iter().find(|floor| *floor < below);
    let scale = Scale {
        floor: floor.unwrap_or(0),
        points: trend.points.len() as u64,
    };
    page.raw("<figure><div class=\"axis\" aria-hidden=\"true\"><span>100 %</span><span>")
        .text(&percent(u64::midpoint(scale.floor, WHOLE)))
        .element("</span><span>", &percent(scale.floor), "</span></div>\n")
        .raw("<svg role=\"img\" aria-labelledby=\"trend-name trend-words\" preserveAspectRatio=\"none\" viewBox=\"0 0 10000 1000\"><title id=\"trend-name\">The score from run to run</title><desc id=\"trend-words\">")
        .number(trend.points.len() as u64)
        .element(" runs, one after the other: ", &first.score.percent(), "")
        .element(" on ", &first.day, "")
        .element(", ", &last.score.percent(), "")
        .element(" on ", &last.day, "")
        .element(", lowest ", &percent(lowest), "")
        .element(", highest ", &percent(highest), "")
        .element("; the gate asks for ", &percent(trend.minimum), "</desc>\n");
    page.raw("<path class=\"grid\" d=\"M0 0H10000M0 500H10000M0 1000H10000\"/>");
    page.raw("<path class=\"asked\" d=\"M0 ")
        .number(scale.y(trend.minimum))
        .raw("H10000\"/>\n");
    line(trend, &scale, page);
    failures(trend, &scale, page);
    dots(trend, &scale, page);
    page.raw("</svg>\n<div class=\"days\" aria-hidden=\"true\"><span>")
        .text(&first.day);
    if trend.points.len() > 1 {
        page.element("</span><span>", &last.day, "");
    }
    page.raw("</span></div>\n<figcaption><span class=\"line\">score</span><span class=\"asked\">the gate asks for ")
        .text(&percent(trend.minimum))
        .raw("</span>");
    if trend.points.iter().any(|point| point.fail > 0) {
        page.raw("<span class=\"failed\">something failed</span>");
    }
    if trend.points.iter().any(|point| point.partial) {
        page.raw("<span class=\"part\">a part of the checks</span>");
    }
    page.raw("</figcaption></figure>\n");
}

/// Where a run and a score are in the drawing.
struct Scale {
    floor: u64,
    points: u64,
}

impl Scale {
    /// Runs stand side by side, whatever the time between them; a single one in the middle.
    fn x(&self, index: usize) -> u64 {
        match self.points {
            0 | 1 => WIDTH / 2,
            points => index as u64 * WIDTH / (points - 1),
        }
    }

    fn y(&self, hundredths: u64) -> u64 {
        let above = hundredths.min(WHOLE).saturating_sub(self.floor);
        HEIGHT - above * HEIGHT / (WHOLE - self.floor)
    }
}

fn line(trend: &Trend, scale: &Scale, page: &mut Page) {
    if trend.points.len() < 2 {
        return;
    }
    let corners = |page: &mut Page| {
        for (index, point) in trend.points.iter().enumerate() {
            page.raw(if index == 0 { "" } else { "L" })
                .number(scale.x(index))
                .raw(" ")
                .number(scale.y(hundredths(&point.score)));
        }
    };
    page.raw("<path class=\"area\" d=\"M0 1000L");
    corners(page);
    page.raw("L10000 1000Z\"/>\n<path class=\"line\" d=\"M");
    corners(page);
    page.raw("\"/>\n");
}

/// A mark at the foot of each run in which something failed.
fn failures(trend: &Trend, scale: &Scale, page: &mut Page) {
    let failed = |point: &Point| point.fail > 0;
    if !trend.points.iter().any(failed) {
        return;
    }
    page.raw("<path class=\"failed\" d=\"");
    for (index, _) in (trend.points.iter().enumerate()).filter(|(_, point)| failed(point)) {
        page.raw("M").number(scale.x(index)).raw(" 1000V930");
    }
    page.raw("\"/>\n");
}

/// The runs themselves, each with its words for whoever points at it; of many only the last.
fn dots(trend: &Trend, scale: &Scale, page: &mut Page) {
    let few = trend.points.len() <= MOST_DOTS;
    for (index, point) in trend.points.iter().enumerate() {
        let last = index + 1 == trend.points.len();
        if !few && !last {
            continue;
        }
        let place = |page: &mut Page, class: &'static str| {
            page.raw("<path class=\"")
                .raw(class)
                .raw("\" d=\"M")
                .number(scale.x(index))
                .raw(" ")
                .number(scale.y(hundredths(&point.score)))
                .raw("h0\">");
        };
        place(page, if last { "dot last" } else { "dot" });
        page.element("<title>", &point.day, "")
            .element(": ", &point.score.words, "")
            .element(", run ", &point.run, "</title></path>");
        if point.partial {
            place(page, "hole");
            page.raw("</path>");
        }
    }
    page.raw("\n");
}

/// What the drawing does not show.
fn left_out(trend: &Trend, page: &mut Page) {
    if trend.earlier == 0 && trend.elsewhere == 0 {
        return;
    }
    page.raw("<p><small>");
    if trend.earlier > 0 {
        page.number(trend.earlier)
            .raw(" older runs are not shown. ");
    }
    if trend.elsewhere > 0 {
        page.number(trend.elsewhere)
            .raw(" on other targets than ")
            .text(trend.target.as_deref().unwrap_or("none"))
            .raw(" not shown.");
    }
    page.raw("</small></p>\n");
}

fn table(report: &Report, page: &mut Page) {
    let known: BTreeSet<&str> = report.items.iter().map(|item| item.id.as_str()).collect();
    let points = &report.trend.points;
    page.raw("<details><summary>The runs in numbers</summary>\n<table class=\"runs\"><thead><tr><th scope=\"col\">Reported</th><th scope=\"col\">Score</th><th scope=\"col\">Fail</th><th scope=\"col\">Warn</th><th scope=\"col\">Skip</th><th scope=\"col\">Since the run before</th></tr></thead><tbody>\n");
    for point in points.iter().rev().take(MOST_ROWS) {
        page.element("<tr><th scope=\"row\">", &point.day, "<br><small>")
            .text(&point.run);
        if let Some(version) = &point.target_version {
            page.element(", version ", version, "");
        }
        if let Some(commit) = &point.commit {
            let short: String = commit.chars().take(9).collect();
            page.element(", commit ", &short, "");
        }
        if point.at.is_none() {
            page.raw(", not in the history yet");
        }
        if point.partial {
            page.raw(", a part of the checks");
        }
        page.element("</small></th><td>", &point.score.words, "</td><td>")
            .number(point.fail)
            .raw("</td><td>")
            .number(point.warn)
            .raw("</td><td>")
            .number(point.skip)
            .raw("</td><td>");
        moves(point, &known, page);
        page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table>");
    if points.len() > MOST_ROWS {
        page.raw("<p><small>and ")
            .number((points.len() - MOST_ROWS) as u64)
            .raw(" before them: <code>cargo readiness history</code></small></p>");
    }
    page.raw("</details>\n");
}

fn moves(point: &Point, known: &BTreeSet<&str>, page: &mut Page) {
    for (index, Move { id, from, to }) in point.moved.iter().enumerate() {
        page.raw(if index > 0 { "; " } else { "" });
        if known.contains(id.as_str()) {
            page.element("<a href=\"#r-", id, "\">")
                .element("", id, "</a>");
        } else {
            page.text(id);
        }
        page.raw(" ")
            .text(&word(*from, "new"))
            .element(" → ", &word(*to, "gone"), "");
    }
    let more = point.moves.saturating_sub(point.moved.len() as u64);
    if more > 0 {
        page.raw("; and ").number(more).raw(" more");
    }
}

fn word(outcome: Option<Outcome>, none: &str) -> String {
    outcome.map_or_else(|| none.to_owned(), |outcome| outcome.to_string())
}

/// What one item came to in those runs.
pub(super) fn of_item(history: &ItemHistory, page: &mut Page) {
    page.raw("<section class=\"ledger\"><h3>History <span class=\"count\">")
        .number(history.runs)
        .raw(if history.runs == 1 {
            " run</span></h3>"
        } else {
            " runs</span></h3>"
        })
        .raw("<ol class=\"changes\">");
    if history.earlier > 0 {
        page.raw("<li>after ")
            .number(history.earlier)
            .raw(" earlier changes</li>");
    }
    for Change { day, run, outcome } in &history.changes {
        let class = outcome.map_or("gone", Outcome::as_str);
        page.element("<li><span class=\"result ", class, "\">")
            .element("", &word(*outcome, "gone"), "</span> ")
            .element("from ", day, " on, ")
            .element("run ", run, "</li>");
    }
    page.raw("</ol></section>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_keeps_everything_inside() {
        let one = Scale {
            floor: 0,
            points: 1,
        };
        assert_eq!((one.x(0), one.y(0), one.y(WHOLE)), (5_000, 1_000, 0));
        let many = Scale {
            floor: 9_000,
            points: 1_000,
        };
        assert_eq!((many.x(0), many.x(999)), (0, WIDTH));
        assert_eq!((many.y(9_500), many.y(3), many.y(99_999)), (500, 1_000, 0));
    }
}
