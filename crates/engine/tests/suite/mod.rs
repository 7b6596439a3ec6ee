pub mod damage;
pub mod life;
pub mod limits;
pub mod place;
pub mod service;
pub mod thrice;
pub mod watch;
