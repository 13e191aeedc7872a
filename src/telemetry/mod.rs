//! `telemetry`: to come.
