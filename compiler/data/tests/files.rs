//! Files written by NumPy and SciPy, files that are wrong, and files that are noise.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use bpc_data::{Array, MOST_ELEMENTS, ReadError, read};
use npyz::WriterBuilder;
use proptest::prelude::*;
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipWriter};

fn bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn file(name: &str, array: Option<&str>) -> Result<Array, ReadError> {
    read(name, &bytes(name), array)
}

/// The matrix `A` of `generate.py`.
fn a() -> Array {
    Array::Matrix { rows: 2, columns: 3, values: vec![1.5, -2.0, 0.0, 0.1, 4.0, 1e-300] }
}

#[test]
fn arrays_of_numpy() {
    for (name, array) in [
        ("c_order.npy", None),
        ("fortran_order.npy", None),
        ("big_endian.npy", None),
        ("plain.npz", Some("W")),
        ("packed.npz", Some("W")),
        ("matrix.csv", None),
        ("array.mtx", None),
    ] {
        assert_eq!(file(name, array), Ok(a()), "{name}");
    }
    assert_eq!(file("plain.npz", Some("x")), Ok(Array::Vector(vec![0.0, 1.0, 2.0, 3.0])));
    let tensor = |shape: &[usize]| Array::Tensor { shape: shape.to_vec(), values: (0..24).map(f64::from).collect() };
    assert_eq!(file("tensor.npy", None), Ok(tensor(&[2, 3, 4])));
    assert_eq!(file("tensor_fortran.npy", None), Ok(tensor(&[2, 3, 2, 2])));
    assert_eq!(file("single.npy", None), Ok(Array::Vector(vec![f64::from(0.1_f32), 2.5])));
    assert_eq!(file("truth.npy", None), Ok(Array::Vector(vec![1.0, 0.0])));
    for (name, largest) in [
        ("i1.npy", 127.0),
        ("i2.npy", 32_767.0),
        ("i4.npy", 2_147_483_647.0),
        ("i8.npy", 9_007_199_254_740_992.0),
        ("u1.npy", 255.0),
        ("u2.npy", 65_535.0),
        ("u4.npy", 4_294_967_295.0),
        ("u8.npy", 9_007_199_254_740_992.0),
    ] {
        assert_eq!(file(name, None), Ok(Array::Vector(vec![0.0, 7.0, largest])), "{name}");
    }
}

#[test]
fn sparse_matrices_of_scipy() {
    let expected = vec![(0, 1, 1.0), (0, 3, 3.0), (1, 2, 4.0), (2, 0, 2.0)];
    for name in ["csr.npz", "csc.npz", "coo.npz", "coordinate.mtx"] {
        let Ok(Array::Sparse { rows: 3, columns: 4, mut entries }) = file(name, None) else { panic!("{name}") };
        entries.sort_by_key(|entry| (entry.0, entry.1));
        assert_eq!(entries, expected, "{name}");
    }
    let Ok(Array::Sparse { mut entries, .. }) = file("symmetric.mtx", None) else { panic!() };
    entries.sort_by_key(|entry| (entry.0, entry.1));
    assert_eq!(entries, [(0, 0, 2.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 3.0)]);
    let values = vec![2.0, 1.0, 1.0, 3.0];
    assert_eq!(file("symmetric_array.mtx", None), Ok(Array::Matrix { rows: 2, columns: 2, values }));
    let skew = "%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n3\n";
    let values = vec![0.0, -1.0, -2.0, 1.0, 0.0, -3.0, 2.0, 3.0, 0.0];
    assert_eq!(read("s.mtx", skew.as_bytes(), None), Ok(Array::Matrix { rows: 3, columns: 3, values }));
}

#[test]
fn columns_of_a_table() {
    let table = "t, I\n0, 1.5\n1, -2e-1\n";
    assert_eq!(read("a.csv", table.as_bytes(), Some("I")), Ok(Array::Vector(vec![1.5, -0.2])));
    let missing = ReadError::NoArray { wanted: Some("J".into()), present: vec!["t".into(), "I".into()] };
    assert_eq!(read("a.csv", table.as_bytes(), Some("J")), Err(missing));
    let matrix = Array::Matrix { rows: 2, columns: 2, values: vec![1.5, 2.0, -0.2, 3.0] };
    assert_eq!(read("a.csv", b"# of a table\n\"V (mV)\", _I\n1.5,2\n-0.2,3\n", None), Ok(matrix));
    for row in
        ["NA,NA\n1,2\n", "I,1\n1,2\n", "I,\n1,2\n", "1,2\nI,J\n", "I,J\nI,J\n1,2\n", "true,False\n", "1;2\n3;4\n"]
    {
        assert!(matches!(wrong("a.csv", row.as_bytes(), None), ReadError::Element(_)), "{row:?}");
    }
    assert_eq!(read("a.csv", b"1\n2\n3\n", None), Ok(Array::Vector(vec![1.0, 2.0, 3.0])));
    assert_eq!(read("a.csv", b"1,2,3\n", None), Ok(Array::Matrix { rows: 1, columns: 3, values: vec![1.0, 2.0, 3.0] }));
}

/// What is wrong with a file, in words.
fn wrong(name: &str, bytes: &[u8], array: Option<&str>) -> ReadError {
    read(name, bytes, array).expect_err(name)
}

#[test]
fn what_is_not_numbers_is_refused() {
    for (name, text) in [
        ("complex.npy", "complex numbers"),
        ("text.npy", "text"),
        ("object.npy", "Python objects"),
        ("structure.npy", "structures"),
        ("half.npy", "not known"),
        ("inexact.npy", "beyond 2^53"),
    ] {
        let error = wrong(name, &bytes(name), None);
        assert!(matches!(&error, ReadError::Element(told) if told.contains(text)), "{name}: {error}");
    }
    for (name, text) in [("nan.npy", "element 1 is NaN"), ("infinite.npy", "element 1 is infinite")] {
        assert_eq!(wrong(name, &bytes(name), None), ReadError::NotFinite(text.into()));
    }
    for (name, text) in [("five.npy", "5 dimensions"), ("scalar.npy", "0 dimensions")] {
        let error = wrong(name, &bytes(name), None);
        assert!(matches!(&error, ReadError::Shape(told) if told.contains(text)), "{name}: {error}");
    }
    let nan = wrong("a.csv", b"1,nan\n", None);
    assert_eq!(nan, ReadError::NotFinite("line 1, column 2 is NaN".into()));
    assert!(matches!(wrong("a.csv", b"1,x\n", None), ReadError::Element(_)));
    assert!(matches!(wrong("a.csv", b"1,2\n3\n", None), ReadError::Shape(_)));
    let twice = wrong("a.csv", b"x,y,x\n1,2,3\n", Some("x"));
    assert!(matches!(&twice, ReadError::Shape(told) if told.contains("several columns are called `x`")), "{twice}");
    assert!(matches!(wrong("a.txt", b"1", None), ReadError::Damaged(_)));
    let present = vec!["W".to_owned(), "x".to_owned()];
    for wanted in [Some("V"), None] {
        let error = ReadError::NoArray { wanted: wanted.map(str::to_owned), present: present.clone() };
        assert_eq!(wrong("plain.npz", &bytes("plain.npz"), wanted), error);
    }
    for (text, part) in [
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1.0\n", "from 1 to 2"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n0 1 1.0\n", "from 1 to 2"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n-1 1 1.0\n", "from 1 to 2"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1.0\n", "1 of 2"),
        ("%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 nan\n", "NaN"),
        ("%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1 1\n", "complex"),
        (
            "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n1 2 1\n2 1 1\n",
            "line 4: this is the entry of line 3",
        ),
        (
            "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 2\n2 1 1\n1 2 -1\n",
            "line 4: this is the entry of line 3",
        ),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 2 0\n", "line 3: the diagonal"),
        ("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 1.5\n", "line 3: this is no whole number"),
        ("%%MatrixMarket matrix array integer general\n1 1\n1.5\n", "line 3: this is no whole number"),
        ("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n", "missing"),
        ("%%MatrixMarket matrix array real general\n99999999999 99999999999\n", "more than"),
    ] {
        let told = wrong("a.mtx", text.as_bytes(), None).to_string();
        assert!(told.contains(part), "{text}: {told}");
    }
}

#[test]
fn truncated_files_are_refused() {
    for name in ["c_order.npy", "plain.npz", "packed.npz", "csr.npz"] {
        let whole = bytes(name);
        for length in 0..whole.len() {
            let array = (name != "csr.npz" && name != "c_order.npy").then_some("W");
            assert!(read(name, &whole[..length], array).is_err(), "{name}: {length} bytes");
        }
    }
}

fn header(shape: &str) -> Vec<u8> {
    let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    npy.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
    npy.extend(text.as_bytes());
    npy
}

#[test]
fn sizes_are_limited() {
    for shape in ["(4294967296, 4294967296)", "(18446744073709551615, 2)", "(33554433,)", "(2, 0, 99999999999999999)"] {
        assert!(
            matches!(wrong("a.npy", &header(shape), None), ReadError::TooLarge(_) | ReadError::Shape(_)),
            "{shape}"
        );
    }
    let beyond = wrong("a.npy", &header("(99999999999999999999999,)"), None);
    assert!(matches!(beyond, ReadError::Damaged(_)), "{beyond}");
    assert!(matches!(wrong("a.npy", &header("(-1,)"), None), ReadError::Damaged(_)));
}

/// An archive with one entry of zeros, more than an array may have, and where its sizes are told.
fn bomb() -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("x.npy", FileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    archive.write_all(&header(&format!("({},)", MOST_ELEMENTS))).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..8 * MOST_ELEMENTS / zeros.len() + 2 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn bombs_are_not_unpacked() {
    let honest = bomb();
    assert!(honest.len() < 1 << 20);
    assert!(matches!(wrong("b.npz", &honest, Some("x")), ReadError::TooLarge(_)));
    // The same, with sizes that say nothing is wrong, in the central directory and before the entry.
    let mut lying = honest;
    let size = u32::try_from(8 * MOST_ELEMENTS + header(&format!("({MOST_ELEMENTS},)")).len() + (2 << 20)).unwrap();
    let places: Vec<usize> = (0..lying.len() - 4).filter(|&at| lying[at..at + 4] == size.to_le_bytes()).collect();
    assert!(!places.is_empty());
    for at in places {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(wrong("b.npz", &lying, Some("x")), ReadError::TooLarge(_) | ReadError::Damaged(_)));
}

/// An array of NumPy with one dimension.
fn vector<T: npyz::AutoSerialize + Copy>(values: &[T]) -> Vec<u8> {
    let mut npy = Vec::new();
    let shape = [values.len() as u64];
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(&mut npy).begin_nd().unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
    npy
}

fn archive(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive.start_file(format!("{name}.npy"), FileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A sparse matrix in which rows, columns or lengths are wrong.
#[test]
fn sparse_matrices_that_are_none_are_refused() {
    let coordinates = |row: &[i64], col: &[i64], data: &[f64], shape: &[i64]| {
        archive(&[("row", vector(row)), ("col", vector(col)), ("data", vector(data)), ("shape", vector(shape))])
    };
    let rows = |starts: &[i64], inner: &[i64], shape: &[i64]| {
        let data = vec![1.0; inner.len()];
        let parts = [("indptr", vector(starts)), ("indices", vector(inner)), ("data", vector(&data))];
        archive(&[&parts[..], &[("shape", vector(shape))]].concat())
    };
    assert!(read("a.npz", &coordinates(&[0, 1], &[2, 0], &[1.0, 2.0], &[2, 3]), None).is_ok());
    assert!(read("a.npz", &rows(&[0, 1, 2], &[2, 0], &[2, 3]), None).is_ok());
    let two = [1.0, 2.0];
    let cases = [
        ("a negative row", coordinates(&[0, -1], &[2, 0], &two, &[2, 3])),
        ("a row too many", coordinates(&[0, 2], &[2, 0], &two, &[2, 3])),
        ("a column too many", coordinates(&[0, 1], &[3, 0], &two, &[2, 3])),
        ("a column of 64 bits", coordinates(&[0, 1], &[1 << 40, 0], &two, &[2, 3])),
        ("more rows than values", coordinates(&[0, 1, 1], &[2, 0, 1], &two, &[2, 3])),
        ("NaN", coordinates(&[0, 1], &[2, 0], &[1.0, f64::NAN], &[2, 3])),
        ("a negative length", coordinates(&[0, 1], &[2, 0], &two, &[-2, 3])),
        ("a length of 64 bits", coordinates(&[0, 1], &[2, 0], &two, &[1 << 50, 1 << 50])),
        ("three lengths", coordinates(&[0, 1], &[2, 0], &two, &[2, 3, 4])),
        ("rows that do not ascend", rows(&[0, 2, 1], &[2, 0], &[2, 3])),
        ("rows that begin late", rows(&[1, 1, 2], &[2, 0], &[2, 3])),
        ("rows that end late", rows(&[0, 1, 3], &[2, 0], &[2, 3])),
        ("a row start of 64 bits", rows(&[0, 1, 1 << 60], &[2, 0], &[2, 3])),
        ("rows that are missing", rows(&[0, 2], &[2, 0], &[2, 3])),
        ("an inner index too many", rows(&[0, 1, 2], &[3, 0], &[2, 3])),
        ("a negative inner index", rows(&[0, 1, 2], &[-1, 0], &[2, 3])),
    ];
    for (what, bytes) in cases {
        assert!(read("a.npz", &bytes, None).is_err(), "{what} is accepted");
    }
    let bytes = archive(&[("shape", vector(&[2_i64, 3])), ("data", vector(&two)), ("row", vector(&[0.5, 1.0]))]);
    assert!(read("a.npz", &bytes, None).is_err(), "half a row is accepted");
}

/// One of each kind of file.
const KINDS: [(&str, Option<&str>); 8] = [
    ("c_order.npy", None),
    ("plain.npz", Some("W")),
    ("packed.npz", Some("W")),
    ("csr.npz", None),
    ("coo.npz", None),
    ("matrix.csv", None),
    ("coordinate.mtx", None),
    ("tree.swc", Some("area")),
];

proptest! {
    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        for (name, array) in KINDS {
            let _ = read(name, &noise, array);
            let _ = read(name, &noise, None);
        }
        let mut headed = b"\x93NUMPY\x01\x00".to_vec();
        headed.extend(&noise);
        let _ = read("a.npy", &headed, None);
    }

    #[test]
    fn damage_never_panics(kind in 0..KINDS.len(), places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let (name, array) = KINDS[kind];
        let mut damaged = bytes(name);
        for (place, byte) in places {
            let at = place.index(damaged.len());
            damaged[at] = byte;
        }
        let _ = read(name, &damaged, array);
    }

    #[test]
    fn what_is_written_is_read(values in prop::collection::vec(-1e300..1e300_f64, 1..40)) {
        let mut npy = Vec::new();
        let shape = [values.len() as u64];
        let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(&mut npy).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
        prop_assert_eq!(read("a.npy", &npy, None), Ok(Array::Vector(values.clone())));
        let csv: String = values.iter().map(|value| format!("{value:e}\n")).collect();
        prop_assert_eq!(read("a.csv", csv.as_bytes(), None), Ok(Array::Vector(values)));
    }
}
