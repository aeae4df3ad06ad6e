//! A small local AWS that moves by time: ECS, ELBv2, SSM, S3 and STS over their real wire protocols.
