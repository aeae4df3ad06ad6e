//! Charts as SVG: what each day cost, and how it adds up against the budget.

use jitsi_cost::Usd;
use plotters::prelude::*;

use crate::report::Day;

/// Wide enough for 31 days; the page scales it.
const SIZE: (u32, u32) = (760, 300);

/// Tasks, load balancers, addresses, all the time: colours that can be told apart in print, too.
pub(crate) const COLOURS: [(&str, RGBColor); 4] = [
    ("tasks", RGBColor(31, 95, 153)),
    ("load balancers", RGBColor(224, 142, 11)),
    ("public addresses", RGBColor(92, 158, 90)),
    ("all the time", RGBColor(140, 140, 140)),
];
const BUDGET: RGBColor = RGBColor(180, 40, 40);

fn dollars(usd: Usd) -> f64 {
    // For a height in pixels only.
    usd.amount().try_into().unwrap_or_default()
}

/// The cost of each day, by component.
pub(crate) fn by_day(days: &[Day]) -> Option<String> {
    let highest = days.iter().map(|day| dollars(day.total())).fold(0.0, f64::max);
    draw(days.len(), highest, |chart| {
        for day in days {
            let parts = [day.tasks, day.load_balancers, day.addresses, day.idle];
            let mut below = 0.0;
            let x = f64::from(day.day);
            let bars = parts.iter().zip(COLOURS).map(|(part, (_, colour))| {
                let from = below;
                below += dollars(*part);
                Rectangle::new([(x - 0.4, from), (x + 0.4, below)], colour.filled())
            });
            chart.draw_series(bars).ok()?;
        }
        Some(())
    })
}

/// What has been spent by the end of each day, and the budget.
pub(crate) fn adding_up(days: &[Day], budget: Option<Usd>) -> Option<String> {
    let mut sum = 0.0;
    let sums: Vec<(f64, f64)> = std::iter::once((0.5, 0.0))
        .chain(days.iter().map(|day| {
            sum += dollars(day.total());
            (f64::from(day.day) + 0.5, sum)
        }))
        .collect();
    let budget = budget.map(dollars);
    let highest = budget.map_or(sum, |budget| sum.max(budget));
    draw(days.len(), highest, |chart| {
        let area = AreaSeries::new(sums.iter().copied(), 0.0, COLOURS[0].1.mix(0.25)).border_style(COLOURS[0].1);
        chart.draw_series(area).ok()?;
        if let Some(budget) = budget {
            let end = days.len() as f64 + 0.5;
            chart
                .draw_series(LineSeries::new([(0.5, budget), (end, budget)], BUDGET.stroke_width(2)))
                .ok()?;
        }
        Some(())
    })
}

type Plane<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
>;

/// Axes from the first to the last of so many days, and to `highest` dollars, with what `content` draws.
fn draw(days: usize, highest: f64, content: impl FnOnce(&mut Plane<'_, '_>) -> Option<()>) -> Option<String> {
    if days == 0 {
        return None;
    }
    // A month without cost has axes too.
    let top = if highest > 0.0 { highest * 1.08 } else { 1.0 };
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut builder = ChartBuilder::on(&area);
        builder.margin(8).x_label_area_size(28).y_label_area_size(56);
        let mut chart = builder.build_cartesian_2d(0.5..days as f64 + 0.5, 0.0..top).ok()?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(BLACK.mix(0.12))
            .axis_style(BLACK.mix(0.5))
            .x_labels(days.min(16))
            .y_labels(6)
            .x_label_formatter(&|day| format!("{day:.0}"))
            .y_label_formatter(&|usd| format!("${usd:.2}"))
            .label_style(("sans-serif", 13))
            .draw()
            .ok()?;
        content(&mut chart)?;
        drop(chart);
        area.present().ok()?;
    }
    Some(svg)
}
