-- room, nonce -> OK
if drop(ARGV[1], ARGV[2]) then touch(ARGV[1]) end
return {'OK'}
