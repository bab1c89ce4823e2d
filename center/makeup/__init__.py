"""What graduates are told before they come: where, when, what to bring, how the photo must look, how busy it is."""
