//! The world is tried before anything is tried in it.

mod fixture;
mod nasty;
mod faulty;
mod safety;
mod local;
mod observed;
mod order;
