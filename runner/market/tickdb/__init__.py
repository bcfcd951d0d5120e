"""TickDB's REST interface: requests, answers, pages and failures without a socket, and one thin transport with one."""
