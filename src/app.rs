//! The composition root: settings → parts → running; reload, all or nothing.
