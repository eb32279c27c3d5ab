//! Values that fold.

/// What a record holds beside its key. Folding is associative and commutative.
pub trait Value: Copy {
    /// Its size in a run, bytes.
    const BYTES: usize;

    /// Takes in the value of another record of the same key.
    fn fold(&mut self, other: &Self);

    /// Writes it into exactly [`Value::BYTES`] bytes.
    fn write(&self, to: &mut [u8]);

    /// Reads what [`Value::write`] wrote.
    fn read(from: &[u8]) -> Self;
}

/// For sets: the key is all there is.
impl Value for () {
    const BYTES: usize = 0;

    fn fold(&mut self, _other: &Self) {}

    fn write(&self, _to: &mut [u8]) {}

    fn read(_from: &[u8]) -> Self {}
}
