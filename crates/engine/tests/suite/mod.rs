pub mod damage;
pub mod life;
pub mod limits;
pub mod place;
pub mod program;
pub mod service;
pub mod thrice;
pub mod watch;
