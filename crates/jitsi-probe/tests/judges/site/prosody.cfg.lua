-- Prosody as docker-jitsi-meet sets it up, with what Debian's package has: no plugin of Jitsi's.
-- The judges fill in what is written in capitals.

pidfile = "FOLDER/prosody.pid"
data_path = "FOLDER/data"
plugin_paths = { "FOLDER/plugins" }
log = { { levels = { min = "debug" }, to = "file", filename = "FOLDER/prosody.log" } }
run_as_root = true

modules_enabled = { "roster", "saslauth", "tls", "disco", "limits", "ping", "posix" }
modules_disabled = { "s2s", "offline", "register" }
allow_registration = false
authentication = "internal_hashed"
limits = { c2s = { rate = "10kb/s" } }
network_backend = "epoll"
unbound = { hoststxt = false }

http_ports = { 5280 }
http_interfaces = { "ADDRESS" }
https_ports = {}
c2s_ports = {}
component_ports = { 5347 }
component_interfaces = { "ADDRESS" }
trusted_proxies = { "ADDRESS" }

http_default_host = "meet.jitsi"
consider_bosh_secure = true
consider_websocket_secure = true
cross_domain_bosh = true
cross_domain_websocket = true
storage = { smacks_h = "memory" }

VirtualHost "meet.jitsi"
    authentication = "anonymous"
    modules_enabled = { "bosh", "websocket", "smacks" }
    c2s_require_encryption = true

-- Where strangers log in, on a platform whose own people have accounts.
VirtualHost "guest.meet.jitsi"
    authentication = "anonymous"
    modules_enabled = { "smacks" }
    c2s_require_encryption = true

Component "muc.meet.jitsi" "muc"
    storage = "memory"
    restrict_room_creation = true
    muc_room_locking = false
    muc_room_default_public_jids = true
    muc_tombstones = false

-- Jitsi's own component hands on to jicofo, which logs in as a user; here jicofo's stand-in is the component.
Component "focus.meet.jitsi"
    component_secret = "jicofo-and-prosody-know-it"
