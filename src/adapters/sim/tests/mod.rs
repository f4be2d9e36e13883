//! Tests of the simulator itself.

mod fixture;
mod nasty;
mod faulty;
mod safety;
mod local;
mod observed;
mod order;
mod moving;
