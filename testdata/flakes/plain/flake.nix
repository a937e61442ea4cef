# A flake without inputs.
{
  outputs = { self }: { word = "plain"; };
}
