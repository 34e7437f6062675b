//! Options of a local service.
use crate::{
    Delivery, Exchange, LocalService, courier,
    server::{Callbacks, Server},
};
use byourside_sim::{DeliveryFaults, DeliveryOptions, Faults, ServiceOptions};
use std::{
    fmt,
    io::{Error, ErrorKind, Result},
    net::{Ipv4Addr, TcpListener},
    thread,
};
use tokio::{runtime, sync::oneshot};

/// The highest speed, at which more than a century passes in an hour.
const MAX_SPEED: f64 = 1e6;

/// Options of a local service, from [`LocalService::builder`]. Setters return the builder; [`start`](Self::start)
/// starts the service.
#[must_use = "nothing listens before `start`"]
pub struct Builder {
    port: u16,
    speed: f64,
    seed: u64,
    options: ServiceOptions,
    faults: Faults,
    callbacks: Callbacks,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            port: 0,
            speed: 1.0,
            seed: 0,
            options: ServiceOptions {
                epoch: courier::real_time(),
                deliveries: DeliveryOptions {
                    plain_http_to_loopback: true,
                    ..DeliveryOptions::default()
                },
                ..ServiceOptions::default()
            },
            faults: Faults::default(),
            callbacks: Callbacks {
                on_request: Box::new(|_exchange| {}),
                on_delivery: Box::new(|_delivery| {}),
            },
        }
    }

    /// The faults and the latency of requests and answers. Default none. A connection that was accepted can only be
    /// closed, so [`Faults::no_connection`] closes it instead of refusing it.
    ///
    /// ```
    /// use byourside_sim::Profile;
    /// let service = byourside_local_service::LocalService::builder().faults(Profile::Mild.faults(7)).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The faults of webhook deliveries. Default none.
    ///
    /// ```
    /// use byourside_sim::{DeliveryFaults, Rate};
    /// let faults = DeliveryFaults { lost: Rate::percent(40), ..DeliveryFaults::default() };
    /// let service = byourside_local_service::LocalService::builder().delivery_faults(faults).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn delivery_faults(mut self, faults: DeliveryFaults) -> Self {
        self.options.deliveries.faults = faults;
        self
    }

    /// The port to listen on, on 127.0.0.1. Default 0, which means any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many virtual seconds pass in a real second: more than 0, at most a million. Default 1.
    ///
    /// ```
    /// // A call that takes twelve virtual seconds ends after a fifth of a second.
    /// let service = byourside_local_service::LocalService::builder().speed(60.0).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// The seed of the service's random choices. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The options of the simulated service. They replace the defaults here, which differ from
    /// [`ServiceOptions::default`] in two points: the wall clock starts now, and webhook URLs may be plain http on a
    /// loopback host. They also replace [`delivery_faults`](Self::delivery_faults) that were set before.
    ///
    /// ```
    /// use byourside_sim::ServiceOptions;
    /// let options = ServiceOptions { max_calls: 10, ..ServiceOptions::default() };
    /// let service = byourside_local_service::LocalService::builder().options(options).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn options(mut self, options: ServiceOptions) -> Self {
        self.options = options;
        self
    }

    /// A callback for every request and its answer. It runs on the service's thread, one call at a time, and nothing is
    /// answered meanwhile. An [`Exchange`] prints as one line.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().on_request(|exchange| println!("{exchange}"));
    /// # service.start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_request(mut self, callback: impl FnMut(&Exchange) + Send + 'static) -> Self {
        self.callbacks.on_request = Box::new(callback);
        self
    }

    /// A callback for every attempt to deliver an event. It runs as [`on_request`](Self::on_request) does. A
    /// [`Delivery`] prints as one line.
    ///
    /// ```
    /// let service = byourside_local_service::LocalService::builder().on_delivery(|delivery| println!("{delivery}"));
    /// # service.start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn on_delivery(mut self, callback: impl FnMut(&Delivery) + Send + 'static) -> Self {
        self.callbacks.on_delivery = Box::new(callback);
        self
    }

    /// Starts the service: it listens, answers requests, and its virtual time passes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the speed is out of range; otherwise the system's error if the port is taken or
    /// no thread can be started.
    ///
    /// ```
    /// use byourside_local_service::LocalService;
    /// assert!(LocalService::builder().speed(-1.0).start().is_err());
    ///
    /// let service = LocalService::start()?;
    /// assert!(LocalService::builder().port(service.addr().port()).start().is_err());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start(self) -> Result<LocalService> {
        if !(self.speed > 0.0 && self.speed <= MAX_SPEED) {
            let reason = "a speed is more than 0 and at most a million virtual seconds per second";
            return Err(Error::new(ErrorKind::InvalidInput, reason));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let addr = listener.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let server = Server::new(self.seed, self.options, self.faults, self.speed, self.callbacks);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("local-service".into()).spawn(move || {
            runtime.spawn(courier::run(server.clone()));
            runtime.spawn(server.accept(listener));
            // Nothing is ever sent: the channel closes when the service is dropped.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(LocalService {
            addr,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("port", &self.port)
            .field("speed", &self.speed)
            .field("seed", &self.seed)
            .field("options", &self.options)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
