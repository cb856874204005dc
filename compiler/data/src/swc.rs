//! Morphologies in the SWC format (Cannon et al. 1998): points with a radius, each with the point that it goes on from.
//!
//! What goes in: lines `id type x y z radius parent`, in any order, `#` before comments. What comes out: one column of a tree whose
//! rows are numbered from 0, parents first, and otherwise in the order of the file. What may never happen: a point without its parent, a
//! second root, a circle.
//!
//! The membrane between a point and its parent is that of a frustum, that at a soma of one point a sphere, from whose centre
//! cylinders start. A soma of three points (the root and two ends a radius away, as NeuroMorpho.org writes a sphere) is one of
//! one point.

use crate::{Array, MOST_ELEMENTS, ReadError, finite};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::f64::consts::PI;

/// The columns: those of the file, and what follows from them.
const COLUMNS: &[&str] = &["type", "x", "y", "z", "radius", "parent", "length", "diameter", "area"];
/// The numbers in a line.
const FIELDS: usize = 7;
/// The type of points of a soma.
const SOMA: f64 = 1.0;
/// How well the two ends of a soma of three points must be where they belong, as a share of the radius: files have few digits.
const NEAR: f64 = 0.02;

/// A point.
#[derive(Clone, Debug)]
struct Point {
    kind: f64,
    place: [f64; 3],
    radius: f64,
    /// Where its parent is among the points; none of the root.
    parent: Option<usize>,
    line: usize,
}

/// Reads a column.
pub(crate) fn read(bytes: &[u8], column: Option<&str>) -> Result<Array, ReadError> {
    let missing = || ReadError::NoArray {
        wanted: column.map(str::to_owned),
        present: COLUMNS.iter().map(|&name| name.to_owned()).collect(),
    };
    let column = column.filter(|name| COLUMNS.contains(name)).ok_or_else(missing)?;
    let points = ordered(one_soma(points(bytes)?))?;
    let each = |value: fn(&Point) -> f64| points.iter().map(value).collect();
    Ok(Array::Vector(match column {
        "type" => each(|p| p.kind),
        "x" => each(|p| p.place[0]),
        "y" => each(|p| p.place[1]),
        "z" => each(|p| p.place[2]),
        "radius" => each(|p| p.radius),
        "parent" => each(|p| p.parent.map_or(-1.0, |parent| parent as f64)),
        "length" => segments(&points)?.iter().map(|s| s.length).collect(),
        "diameter" => segments(&points)?.iter().map(|s| 2.0 * (s.radii[0] * s.radii[1]).sqrt()).collect(),
        _ => areas(&points)?,
    }))
}

/// The points in the order of the file; exactly one is a root.
fn points(bytes: &[u8]) -> Result<Vec<Point>, ReadError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut points: Vec<Point> = Vec::new();
    let mut parents: Vec<f64> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for (line, text) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        // Comments may be in any encoding.
        let text = text.split(|&byte| byte == b'#').next().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(text) else {
            return Err(ReadError::Damaged(format!("line {line} is no text")));
        };
        if text.trim().is_empty() {
            continue;
        }
        let [id, kind, x, y, z, radius, parent] = numbers(line, text)?;
        if points.len() == MOST_ELEMENTS {
            return Err(ReadError::TooLarge(format!("more than {MOST_ELEMENTS} points are too many")));
        }
        if let Some(first) = places.insert(id.to_bits(), points.len()) {
            let first = points[first].line;
            return Err(ReadError::Shape(format!("lines {first} and {line} have the same number, {id}")));
        }
        points.push(Point { kind, place: [x, y, z], radius, parent: None, line });
        parents.push(parent);
    }
    let mut root: Option<usize> = None;
    for (point, &parent) in points.iter_mut().zip(&parents) {
        point.parent = places.get(&parent.to_bits()).copied();
        let line = point.line;
        match (point.parent, root) {
            (Some(_), _) => {}
            (None, _) if parent != -1.0 => {
                return Err(ReadError::Shape(format!(
                    "line {line}: there is no point {parent}, from which it goes on"
                )));
            }
            (None, Some(first)) => {
                return Err(ReadError::Shape(format!("lines {first} and {line} are both roots: a cell is one tree")));
            }
            (None, None) => root = Some(line),
        }
    }
    match root {
        Some(_) => Ok(points),
        None if points.is_empty() => Err(ReadError::Damaged("it has no points".to_owned())),
        None => Err(ReadError::Shape("it has no root, a point whose parent is -1".to_owned())),
    }
}

/// The numbers of a line, within their ranges.
fn numbers(line: usize, text: &str) -> Result<[f64; FIELDS], ReadError> {
    const NAMES: [&str; FIELDS] = ["number", "type", "x", "y", "z", "radius", "parent"];
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    if words.len() != FIELDS {
        return Err(ReadError::Damaged(format!("line {line} has {} numbers, not {FIELDS}", words.len())));
    }
    let mut values = [0.0; FIELDS];
    for ((value, word), name) in values.iter_mut().zip(words).zip(NAMES) {
        let number = word.parse::<f64>().map_err(|_| {
            let shown: String = word.chars().take(20).collect();
            ReadError::Element(format!("line {line}: the {name} `{}` is no number", shown.escape_debug()))
        })?;
        // So that -0 is the point 0.
        *value = finite(number, || format!("the {name} in line {line}"))? + 0.0;
        let least = if name == "parent" { -1.0 } else { 0.0 };
        if ["number", "type", "parent"].contains(&name) && !(value.fract() == 0.0 && (least..=WHOLE).contains(value)) {
            return Err(ReadError::Element(format!("line {line}: the {name} is {number}, which numbers nothing")));
        }
        if name == "radius" && *value <= 0.0 {
            return Err(ReadError::Element(format!("line {line}: the radius is {number}")));
        }
    }
    Ok(values)
}

/// A soma of three points as one: what goes on from its ends goes on from its centre.
fn one_soma(mut points: Vec<Point>) -> Vec<Point> {
    let Some(root) = points.iter().position(|p| p.parent.is_none()) else { return points };
    let centre = points[root].clone();
    let ends: Vec<usize> =
        (0..points.len()).filter(|&i| points[i].parent == Some(root) && points[i].kind == SOMA).collect();
    let [a, b] = ends[..] else { return points };
    let near = |found: f64, wanted: f64| (found - wanted).abs() <= NEAR * centre.radius;
    let is_end = |end: usize| {
        let goes_on = points.iter().any(|p| p.parent == Some(end) && p.kind == SOMA);
        near(points[end].radius, centre.radius) && near(distance(&points[end], &centre), centre.radius) && !goes_on
    };
    // On both sides of the centre.
    let opposite = near(distance(&points[a], &points[b]), 2.0 * centre.radius);
    if centre.kind != SOMA || !opposite || !is_end(a) || !is_end(b) {
        return points;
    }
    let kept = |place: usize| place - usize::from(place > a) - usize::from(place > b);
    for point in &mut points {
        point.parent = point.parent.map(|parent| if ends.contains(&parent) { kept(root) } else { kept(parent) });
    }
    let mut place = 0..;
    points.retain(|_| place.next().is_some_and(|place: usize| !ends.contains(&place)));
    points
}

/// Parents first, and in the order of the file where that leaves a choice.
fn ordered(points: Vec<Point>) -> Result<Vec<Point>, ReadError> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
    let mut ready = BinaryHeap::new();
    for (place, point) in points.iter().enumerate() {
        match point.parent {
            Some(parent) => children[parent].push(place),
            None => ready.push(Reverse(place)),
        }
    }
    let mut row = vec![usize::MAX; points.len()];
    let mut sorted = Vec::with_capacity(points.len());
    while let Some(Reverse(place)) = ready.pop() {
        row[place] = sorted.len();
        let parent = points[place].parent.map(|parent| row[parent]);
        sorted.push(Point { parent, ..points[place].clone() });
        ready.extend(children[place].iter().copied().map(Reverse));
    }
    match row.iter().position(|&row| row == usize::MAX) {
        None => Ok(sorted),
        Some(left) => {
            let line = points[left].line;
            Err(ReadError::Shape(format!("the point of line {line} does not lead to the root: there is a circle")))
        }
    }
}

/// What is between a point and its parent; of the root, nothing.
struct Segment {
    length: f64,
    /// At the parent's end and at its own.
    radii: [f64; 2],
}

/// For each point, the segment that ends in it.
fn segments(points: &[Point]) -> Result<Vec<Segment>, ReadError> {
    let from_sphere = is_sphere(points);
    let of = |point: &Point| {
        let Some(parent) = point.parent else { return Ok(Segment { length: 0.0, radii: [point.radius; 2] }) };
        let start = &points[parent];
        let length = distance(point, start);
        if !(length > 0.0 && length.is_finite()) {
            return Err(ReadError::Element(format!(
                "lines {} and {}: {length} is no length of what is between these points",
                start.line, point.line
            )));
        }
        let sphere = parent == 0 && from_sphere;
        Ok(Segment { length, radii: [if sphere { point.radius } else { start.radius }, point.radius] })
    };
    points.iter().map(of).collect()
}

/// Whether the soma is of one point.
fn is_sphere(points: &[Point]) -> bool {
    points[0].kind == SOMA && points.iter().all(|p| p.parent != Some(0) || p.kind != SOMA)
}

/// The membrane that is nearer to each point than to its neighbours along the tree: halves of segments, and the sphere of a soma.
fn areas(points: &[Point]) -> Result<Vec<f64>, ReadError> {
    let segments = segments(points)?;
    let mut areas = vec![0.0; points.len()];
    if is_sphere(points) {
        areas[0] = 4.0 * PI * points[0].radius.powi(2);
    }
    for (place, (point, segment)) in points.iter().zip(&segments).enumerate() {
        let Some(parent) = point.parent else { continue };
        let [near, far] = segment.radii;
        let middle = (near + far) / 2.0;
        let slant = (segment.length / 2.0).hypot(middle - near);
        areas[parent] += PI * (near + middle) * slant;
        areas[place] += PI * (middle + far) * slant;
    }
    match areas.iter().position(|area| !(*area > 0.0 && area.is_finite())) {
        None => Ok(areas),
        Some(place) => Err(ReadError::Element(format!("line {}: the membrane there has no area", points[place].line))),
    }
}

fn distance(a: &Point, b: &Point) -> f64 {
    let [x, y, z] = [0, 1, 2].map(|axis| a.place[axis] - b.place[axis]);
    (x * x + y * y + z * z).sqrt()
}
