"""What every page and call shares: typed requests, partials, problem answers, middleware. No rule about one thing."""
