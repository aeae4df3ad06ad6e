//! Bring the video platform up: load balancer, service, registered and healthy targets.
