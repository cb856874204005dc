//! The picture of a network: populations and networks inside on a circle, projections as arrows between them.

use crate::doc::figure::{STYLE, stroke, text, with_plain_colours};
use crate::doc::html::escape;
use bpc_syntax::ast::{Network, NetworkMember, Place};
use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, PI};
use std::fmt::Write as _;

/// A network as nodes and arrows.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagram {
    nodes: Vec<String>,
    arrows: Vec<Arrow>,
}

/// A projection, or a stimulus, which comes from no node; all that go the same way are one.
#[derive(Clone, Debug, PartialEq)]
struct Arrow {
    from: Option<usize>,
    to: usize,
    /// The labels of the projections, as far as they have some.
    labels: Vec<String>,
}

/// More nodes than this have no place on the circle.
const MOST_NODES: usize = 12;
/// Of more arrows than this the labels would be on top of each other.
const MOST_LABELS: usize = 12;
const WIDTH: f64 = 500.0;
const MARGIN: f64 = 62.0;
const BOX: f64 = 30.0;
/// Length of the arrows that come from outside, and of loops.
const OUTSIDE: f64 = 46.0;
const COLORS: usize = 6;

type Point = (f64, f64);

impl Diagram {
    /// The picture of a network; none if nothing is connected in it, or too much.
    pub fn of(network: &Network) -> Option<Diagram> {
        let mut nodes: Vec<String> = Vec::new();
        // What stands under a condition may be there.
        let members = network.members_of_all_branches();
        for member in &members {
            match member {
                NetworkMember::Population(p) => nodes.push(p.name.node.clone()),
                NetworkMember::Instance(i) => nodes.push(i.name.node.clone()),
                _ => {}
            }
        }
        let mut arrows: BTreeMap<(Option<usize>, usize), Vec<String>> = BTreeMap::new();
        let node = |place: &Place| nodes.iter().position(|n| Some(n) == place.parts.first().map(|p| &p.name.node));
        let mut add = |from: Option<usize>, to: &Place, label: Option<&str>| {
            if let Some(to) = node(to) {
                let labels = arrows.entry((from, to)).or_default();
                labels.extend(label.filter(|new| !labels.iter().any(|l| l == new)).map(str::to_owned));
            }
        };
        for member in &members {
            match member {
                NetworkMember::Project(p) => {
                    let label = p.label.as_ref().map(|l| l.node.as_str());
                    for from in p.sources.iter().filter_map(node) {
                        p.targets.iter().for_each(|to| add(Some(from), to, label));
                    }
                }
                NetworkMember::Stimulate(s) => {
                    let label = s.label.as_ref().map(|l| l.node.as_str());
                    s.targets.iter().for_each(|to| add(None, to, label));
                }
                _ => {}
            }
        }
        let arrows: Vec<Arrow> = arrows.into_iter().map(|((from, to), labels)| Arrow { from, to, labels }).collect();
        (!arrows.is_empty() && nodes.len() <= MOST_NODES).then_some(Diagram { nodes, arrows })
    }

    /// What stands below it.
    pub fn caption(&self) -> String {
        let stimuli =
            if self.arrows.iter().any(|a| a.from.is_none()) { " Arrows from outside are stimuli." } else { "" };
        format!("Populations and projections; an arrow has the colour of its source.{stimuli}")
    }

    /// An element of an HTML page, whose style gives the colours.
    pub fn inline(&self, title: &str) -> String {
        self.svg(title, "")
    }

    /// A file.
    pub fn file(&self, title: &str) -> String {
        with_plain_colours(&self.svg(title, STYLE))
    }

    fn svg(&self, title: &str, style: &str) -> String {
        let (boxes, height) = self.placed();
        let mut body = String::new();
        for arrow in &self.arrows {
            self.arrow(&mut body, arrow, &boxes);
        }
        for (i, (name, node)) in self.nodes.iter().zip(&boxes).enumerate() {
            let color = format!("c{}", i % COLORS);
            let (x, y) = node.middle;
            let _ = writeln!(
                body,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{BOX}\" rx=\"6\" stroke-width=\"1.5\" \
                 style=\"fill:var(--paper);stroke:var(--{color})\"/>",
                x - node.half.0,
                y - node.half.1,
                2.0 * node.half.0
            );
            text(&mut body, (x, y + 4.5), "middle", "ink", &escape(name), 13.0);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" \
             aria-label=\"Diagram of {}\" font-family=\"Inter, system-ui, Arial, sans-serif\" font-size=\"13\">\n\
             {style}{body}</svg>\n",
            escape(title)
        )
    }

    /// Where the nodes are, and how high the picture is.
    fn placed(&self) -> (Vec<Node>, f64) {
        let count = self.nodes.len();
        // Two stand side by side; of more, the first is at the top.
        let first = if count <= 2 { PI } else { -FRAC_PI_2 };
        let half = |name: &String| ((4.2 * name.chars().count() as f64 + 12.0).clamp(22.0, 80.0), BOX / 2.0);
        let widest = self.nodes.iter().map(|n| half(n).0).fold(0.0, f64::max);
        let across = if count == 1 { 0.0 } else { WIDTH / 2.0 - widest - MARGIN };
        let down = match count {
            1 | 2 => 0.0,
            _ => (22.0 * count as f64).clamp(70.0, 160.0),
        };
        let centre = (WIDTH / 2.0, down + BOX / 2.0 + MARGIN);
        let node = |(k, name): (usize, &String)| {
            let outwards = first + 2.0 * PI * k as f64 / count.max(1) as f64;
            let middle = (centre.0 + across * outwards.cos(), centre.1 + down * outwards.sin());
            Node { middle, half: half(name), outwards }
        };
        (self.nodes.iter().enumerate().map(node).collect(), 2.0 * centre.1)
    }

    fn arrow(&self, out: &mut String, arrow: &Arrow, boxes: &[Node]) {
        let to = &boxes[arrow.to];
        let (path, tip, label) = match arrow.from {
            None => from_outside(to),
            Some(from) if from == arrow.to => loop_at(to),
            Some(from) => between(&boxes[from], to),
        };
        let color = arrow.from.map_or("soft".to_owned(), |from| format!("c{}", from % COLORS));
        let _ = writeln!(out, "<path d=\"{path}\" {}/>", stroke(&color, 1.5));
        let _ = writeln!(out, "<path d=\"{tip}\" style=\"fill:var(--{color})\"/>");
        if !arrow.labels.is_empty() && self.arrows.len() <= MOST_LABELS {
            text(out, (label.0, label.1 + 4.0), "middle", "soft", &escape(&arrow.labels.join(", ")), 11.5);
        }
    }
}

/// A box.
#[derive(Clone, Debug)]
struct Node {
    middle: Point,
    half: Point,
    /// The direction away from the centre of the picture.
    outwards: f64,
}

impl Node {
    /// Where a ray from the middle leaves the box, and a little further.
    fn border(&self, direction: f64) -> Point {
        let (dx, dy) = (direction.cos(), direction.sin());
        let reach = (self.half.0 / dx.abs()).min(self.half.1 / dy.abs()) + 3.0;
        (self.middle.0 + reach * dx, self.middle.1 + reach * dy)
    }
}

fn direction((x, y): Point, (to_x, to_y): Point) -> f64 {
    (to_y - y).atan2(to_x - x)
}

fn moved((x, y): Point, direction: f64, length: f64) -> Point {
    (x + length * direction.cos(), y + length * direction.sin())
}

/// A triangle whose point is here, and that comes from there.
fn tip(at: Point, from: Point) -> String {
    let back = direction(at, from);
    let (a, b) = (moved(at, back + 0.4, 9.0), moved(at, back - 0.4, 9.0));
    format!("M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z", at.0, at.1, a.0, a.1, b.0, b.1)
}

/// Path, tip and place of the label of a curve; there and back are two curves.
fn between(from: &Node, to: &Node) -> (String, String, Point) {
    let along = direction(from.middle, to.middle);
    let distance = (to.middle.0 - from.middle.0).hypot(to.middle.1 - from.middle.1);
    let halfway = moved(from.middle, along, distance / 2.0);
    let bend = moved(halfway, along - FRAC_PI_2, 28.0 + distance * 0.06);
    let start = from.border(direction(from.middle, bend));
    let end = to.border(direction(to.middle, bend));
    let path = format!("M{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}", start.0, start.1, bend.0, bend.1, end.0, end.1);
    let crest = (0.25 * start.0 + 0.5 * bend.0 + 0.25 * end.0, 0.25 * start.1 + 0.5 * bend.1 + 0.25 * end.1);
    (path, tip(end, bend), moved(crest, along - FRAC_PI_2, 11.0))
}

/// Likewise, from a node to itself, on its outer side.
fn loop_at(node: &Node) -> (String, String, Point) {
    let (left, right) = (node.outwards - 0.5, node.outwards + 0.5);
    let (start, end) = (node.border(left), node.border(right));
    let (a, b) = (moved(start, node.outwards - 0.6, OUTSIDE), moved(end, node.outwards + 0.6, OUTSIDE));
    let path =
        format!("M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", start.0, start.1, a.0, a.1, b.0, b.1, end.0, end.1);
    let crest = ((start.0 + 3.0 * a.0 + 3.0 * b.0 + end.0) / 8.0, (start.1 + 3.0 * a.1 + 3.0 * b.1 + end.1) / 8.0);
    (path, tip(end, b), moved(crest, node.outwards, 14.0))
}

/// Likewise, from nowhere.
fn from_outside(node: &Node) -> (String, String, Point) {
    let side = node.outwards + 1.3;
    let (end, start) = (node.border(side), moved(node.border(side), side, OUTSIDE * 0.8));
    let path = format!("M{:.1} {:.1}L{:.1} {:.1}", start.0, start.1, end.0, end.1);
    (path, tip(end, start), moved(start, side, 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bpc_syntax::ast::Item;
    use bpc_syntax::source::FileId;

    fn diagram(text: &str) -> Option<Diagram> {
        let (file, mistakes) = bpc_syntax::parse(FileId(0), text);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let network = file.items.iter().find_map(|i| if let Item::Network(n) = i { Some(n) } else { None });
        Diagram::of(network.expect("a network"))
    }

    const NET: &str = "network Net {
        population E[80] : LIF
        population I[20] : LIF
        instance V1 : Area
        project exc: E[0..40] -> E, I { weight 1 }
        project inh: I -> E { weight 2 }
        project more: I -> E { weight 3 }
        project E -> V1.E { weight 1 }
        stimulate noise: I { poisson 1 kHz }
    }";

    #[test]
    fn all_that_is_connected_is_drawn_once() {
        let found = diagram(NET).expect("a diagram");
        assert_eq!(found.nodes, ["E", "I", "V1"]);
        let arrows: Vec<(Option<usize>, usize, String)> =
            found.arrows.iter().map(|a| (a.from, a.to, a.labels.join(" "))).collect();
        let arrow = |from, to, labels: &str| (from, to, labels.to_owned());
        assert_eq!(
            arrows,
            [
                arrow(None, 1, "noise"),
                arrow(Some(0), 0, "exc"),
                arrow(Some(0), 1, "exc"),
                arrow(Some(0), 2, ""),
                arrow(Some(1), 0, "inh more"),
            ]
        );
        let svg = found.file("a<b");
        let picture = resvg::usvg::roxmltree::Document::parse(&svg).expect("an XML document");
        let count = |tag: &str| picture.descendants().filter(|n| n.tag_name().name() == tag).count();
        assert_eq!((count("rect"), count("path"), count("text")), (3, 2 * 5, 3 + 4));
    }

    #[test]
    fn nothing_lies_outside_the_picture() {
        for count in 1..=MOST_NODES {
            let nodes: Vec<String> = (0..count).map(|i| format!("population_{i}")).collect();
            let from = (0..count).flat_map(|i| [Some(i), None]);
            let arrows = from.flat_map(|from| (0..count).map(move |to| Arrow { from, to, labels: vec![] })).collect();
            let (boxes, height) = Diagram { nodes, arrows }.placed();
            let mut points = Vec::new();
            for node in &boxes {
                for pieces in boxes.iter().map(|from| between(from, node)).chain([loop_at(node), from_outside(node)]) {
                    points.push(pieces.2);
                }
                points.extend([
                    (node.middle.0 - node.half.0, node.middle.1),
                    (node.middle.0 + node.half.0, node.middle.1),
                ]);
            }
            for (x, y) in points {
                assert!((0.0..=WIDTH).contains(&x) && (0.0..=height).contains(&y), "{count}: {x} {y} of {height}");
            }
        }
    }

    #[test]
    fn a_network_without_connections_has_none() {
        assert_eq!(diagram("network Net { population E : LIF }"), None);
        let many: String = (0..=MOST_NODES).map(|i| format!("population E{i} : LIF\n")).collect();
        assert_eq!(diagram(&format!("network Net {{ {many} project E0 -> E1 {{ weight 1 }} }}")), None);
    }
}
